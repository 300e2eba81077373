/** What every picture that this project draws is made of: text, coordinates, and the colours of light and dark pages. */

/** The colours of a kind of page. */
export interface Page {
  readonly paper: string;
  /** For what is read first, and for the rest. */
  readonly ink: string;
  readonly soft: string;
  readonly grid: string;
  readonly error: string;
}

/** Of light pages and of dark ones. */
export const pages = {
  light: { paper: "#ffffff", ink: "#1b1f24", soft: "#57606a", grid: "#d8dee4", error: "#cf222e" },
  dark: { paper: "#0d1117", ink: "#e6edf3", soft: "#9aa4b2", grid: "#30363d", error: "#ff7b72" },
} as const satisfies Readonly<Record<"light" | "dark", Page>>;

/** Lines that are told apart in every common colour blindness (Okabe and Ito). */
export const hues = {
  light: { blue: "#0072b2", green: "#00795a", orange: "#c24f00", gray: "#6b7280" },
  dark: { blue: "#56b4e9", green: "#35c79e", orange: "#ff9a4d", gray: "#9aa4b2" },
} as const;

/**
 * The style of a picture, for light pages and, where those are wanted, for dark ones. Without variables, which few
 * programs but browsers know.
 *
 * @param coloursOf what has the colours of a page
 */
export const styleOf = (shapes: string, coloursOf: (kind: keyof typeof pages) => string): string => `
.chart text { font-family: system-ui, sans-serif; font-size: 12px; }
.chart .title { font-size: 18px; font-weight: 600; }
.chart .label { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round; }
.chart .line { fill: none; stroke-linecap: round; stroke-linejoin: round; }
${shapes}
${pageOf(pages.light)}${coloursOf("light")}
@media (prefers-color-scheme: dark) {${pageOf(pages.dark)}${coloursOf("dark")}
}
`;

const pageOf = (page: Page): string => `
.chart .paper { fill: ${page.paper}; }
.chart text { fill: ${page.soft}; }
.chart .ink { fill: ${page.ink}; }
.chart .label { stroke: ${page.paper}; }
.chart .grid { stroke: ${page.grid}; }
.chart .error { stroke: ${page.error}; }
`;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as it may stand in XML. */
export const xml = (content: string): string => content.replace(/[&<>"]/g, (letter) => escapes[letter] ?? letter);

/** A coordinate: a tenth of a pixel is as fine as anybody sees. */
export const at = (value: number): string => String(Math.round(value * 10) / 10);

/** Words at a place. */
export const text = (x: number, y: number, content: string, attributes = ""): string =>
  `<text x="${at(x)}" y="${at(y)}"${attributes}>${xml(content)}</text>`;

/** A whole picture with its background, as the text of a file. */
export function pictureOf(
  { title, description, style }: { readonly title: string; readonly description: string; readonly style: string },
  { width, height }: { readonly width: number; readonly height: number },
  content: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" height="${at(height)}" role="img" aria-labelledby="title description">`,
    `<title id="title">${xml(title)}</title>`,
    `<desc id="description">${xml(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${at(width)}" height="${at(height)}"/>`,
    ...content,
    "</svg>\n",
  ].join("\n");
}
