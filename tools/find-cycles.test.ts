import { expect, test } from 'vitest';
import { findCycles } from './find-cycles.ts';

const graph = (edges: Record<string, string>) =>
  new Map(Object.entries(edges).map(([from, to]) => [from, new Set(to)] as const));

test.each([
  { why: 'nothing', edges: {}, cycles: [] },
  { why: 'a diamond', edges: { a: 'bc', b: 'd', c: 'd' }, cycles: [] },
  { why: 'a node that names itself', edges: { a: 'a' }, cycles: ['aa'] },
  { why: 'a ring, once, from its first name', edges: { c: 'a', b: 'c', a: 'b' }, cycles: ['abca'] },
  { why: 'the shortest way round of a knot', edges: { a: 'bc', b: 'c', c: 'a' }, cycles: ['aca'] },
  { why: 'two rings', edges: { a: 'b', b: 'a', x: 'ya', y: 'x' }, cycles: ['aba', 'xyx'] },
  { why: 'a ring behind nodes outside it', edges: { a: 'b', b: 'c', c: 'b' }, cycles: ['bcb'] },
])('finds in $why what is there', ({ edges, cycles }) => {
  expect(findCycles(graph(edges)).map((cycle) => cycle.join(''))).toEqual(cycles);
});
