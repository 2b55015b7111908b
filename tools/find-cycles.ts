/**
 * The cycles of a graph, one for each knot of nodes that reach each other, as the way round from its first node by
 * name, which comes again at the end.
 */
export function findCycles(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const isInKnownCycle = new Set<string>();
  for (const start of [...graph.keys()].sort()) {
    if (isInKnownCycle.has(start)) continue;
    const way = findWay(graph, start, start);
    if (way === undefined) continue;
    cycles.push([start, ...way]);
    for (const node of reachableFrom(graph, start)) {
      if (reachableFrom(graph, node).has(start)) isInKnownCycle.add(node);
    }
  }
  return cycles;
}

/** The shortest way along at least one edge, without its start. */
function findWay(
  graph: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
): readonly string[] | undefined {
  const seen = new Set<string>();
  let ways: (readonly string[])[] = [[]];
  while (ways.length > 0) {
    const longer: (readonly string[])[] = [];
    for (const way of ways) {
      for (const next of [...(graph.get(way.at(-1) ?? from) ?? [])].sort()) {
        if (next === to) return [...way, next];
        if (seen.has(next)) continue;
        seen.add(next);
        longer.push([...way, next]);
      }
    }
    ways = longer;
  }
  return undefined;
}

function reachableFrom(graph: ReadonlyMap<string, ReadonlySet<string>>, start: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}
