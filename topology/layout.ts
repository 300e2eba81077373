/** A layered layout of a directed graph, for up to some dozens of nodes: columns by longest path, rows by barycenters. */

/** One thing to another. */
interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** A place in the grid: columns count from 0, rows from the middle. */
export interface Place {
  readonly column: number;
  readonly row: number;
}

/** Where an arrow goes: through which places, from its left end to its right one; none for one to itself. */
export interface Route {
  readonly places: readonly Place[];
  /** Whether it points to the left, as one of those in each circle does. */
  readonly back: boolean;
}

/** Where everything is. */
export interface Layout {
  readonly columns: number;
  /** How many rows the fullest column has. */
  readonly rows: number;
  readonly places: ReadonlyMap<string, Place>;
  /** In the order of the arrows. */
  readonly routes: readonly Route[];
}

/** How often rows are put in the order of their neighbours', from left to right and back. */
const sweeps = 8;

/** @param arrows no two of them have the same ends */
export function layOut(ids: readonly string[], arrows: readonly Arrow[]): Layout {
  const backs = backArrows(ids, arrows);
  const turned = arrows.map((arrow) => (backs.has(arrow) ? { from: arrow.to, to: arrow.from } : arrow));
  const columnOf = columnsOf(
    ids,
    turned.filter(({ from, to }) => from !== to),
  );
  const column = (id: string) => columnOf.get(id) ?? 0;
  // An arrow over several columns has a place of its own in each between its ends.
  const chains = turned.map(({ from, to }, index): string[] =>
    from === to
      ? []
      : [
          from,
          ...Array.from({ length: Math.max(0, column(to) - column(from) - 1) }, (_, step) => {
            const id = `${String(index)} ${String(step)}`;
            columnOf.set(id, column(from) + 1 + step);
            return id;
          }),
          to,
        ],
  );
  const columns = Math.max(0, ...columnOf.values()) + 1;
  const order = Array.from({ length: columns }, (_, index) =>
    [...columnOf.keys()].filter((id) => columnOf.get(id) === index),
  );
  const links = chains.flatMap((chain) => chain.slice(1).map((to, index) => ({ from: chain[index] ?? to, to })));
  sort(order, links);
  const all = new Map(
    order.flatMap((some, index) =>
      some.map((id, row): [string, Place] => [id, { column: index, row: row - (some.length - 1) / 2 }]),
    ),
  );
  return {
    columns,
    rows: Math.max(1, ...order.map(({ length }) => length)),
    places: new Map([...all].filter(([id]) => ids.includes(id))),
    routes: chains.map((chain, index) => ({
      places: chain.flatMap((id) => all.get(id) ?? []),
      back: arrows[index] !== turned[index],
    })),
  };
}

/** The arrows without which there is no circle; those to oneself are no such. */
function backArrows(ids: readonly string[], arrows: readonly Arrow[]): Set<Arrow> {
  const found = new Set<Arrow>();
  const state = new Map<string, "open" | "done">();
  const visit = (id: string) => {
    state.set(id, "open");
    for (const arrow of arrows.filter(({ from, to }) => from === id && to !== id)) {
      if (state.get(arrow.to) === "open") found.add(arrow);
      else if (!state.has(arrow.to)) visit(arrow.to);
    }
    state.set(id, "done");
  };
  const called = new Set(arrows.filter(({ from, to }) => from !== to).map(({ to }) => to));
  for (const id of [...ids.filter((one) => !called.has(one)), ...ids]) if (!state.has(id)) visit(id);
  return found;
}

/** Each as far to the right as the longest way to it. */
function columnsOf(ids: readonly string[], arrows: readonly Arrow[]): Map<string, number> {
  const columns = new Map<string, number>();
  const visit = (id: string): number => {
    const known = columns.get(id);
    if (known !== undefined) return known;
    const column = Math.max(-1, ...arrows.filter(({ to }) => to === id).map(({ from }) => visit(from))) + 1;
    columns.set(id, column);
    return column;
  };
  ids.forEach(visit);
  return columns;
}

/** Orders each column by where its neighbours are in the one before, then in the one after, and so on. */
function sort(order: string[][], links: readonly Arrow[]): void {
  const arrange = (index: number, neighbours: readonly string[], of: (id: string) => string[]) => {
    const rows = new Map(neighbours.map((id, row) => [id, row - (neighbours.length - 1) / 2]));
    const own = order[index] ?? [];
    const weight = new Map(
      own.map((id, row) => {
        const near = of(id).flatMap((one) => rows.get(one) ?? []);
        const mean = near.reduce((sum, one) => sum + one, 0) / near.length;
        return [id, near.length === 0 ? row - (own.length - 1) / 2 : mean];
      }),
    );
    order[index] = own.toSorted((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0));
  };
  const before = (id: string) => links.flatMap(({ from, to }) => (to === id ? [from] : []));
  const after = (id: string) => links.flatMap(({ from, to }) => (from === id ? [to] : []));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let index = 1; index < order.length; index++) arrange(index, order[index - 1] ?? [], before);
    for (let index = order.length - 2; index >= 0; index--) arrange(index, order[index + 1] ?? [], after);
  }
}
