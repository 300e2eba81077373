/** Names as the API server takes them (k8s.io/apimachinery, pkg/util/validation). */

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const word = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** Whether a text is a DNS label of RFC 1123, as the name of a namespace is. */
export const isDnsLabel = (text: string): boolean => text.length <= 63 && label.test(text);

/** Whether a text is a DNS name of RFC 1123, as the names of most objects are; its labels may be long. */
export const isDnsName = (text: string): boolean =>
  text.length <= 253 && text.split(".").every((part) => label.test(part));

/** Whether a text is the key of a label or an annotation: a word, and perhaps whose it is before a slash. */
export function isLabelKey(text: string): boolean {
  const [last = "", prefix, ...more] = text.split("/").reverse();
  return more.length === 0 && last.length <= 63 && word.test(last) && (prefix === undefined || isDnsName(prefix));
}

/** Whether a text is the value of a label. */
export const isLabelValue = (text: string): boolean => text === "" || (text.length <= 63 && word.test(text));

/** Whether a text is the name of a port (RFC 6335). */
export const isPortName = (text: string): boolean =>
  text.length <= 15 && /^[-a-z0-9]+$/.test(text) && /[a-z]/.test(text) && !text.includes("--") && !/^-|-$/.test(text);
