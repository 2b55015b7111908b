import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('a gate holds waiters, lets them through in order, and keeps permits nobody used', async () => {
  const gate = createGate();
  const passed: string[] = [];
  for (const name of ['a', 'b', 'c']) void gate.wait().then(() => passed.push(name));
  await settle();
  expect(passed).toEqual([]);
  expect(gate.waiting).toBe(3);
  gate.release(2);
  await settle();
  expect(passed).toEqual(['a', 'b']);
  gate.release(2);
  await gate.wait();
  await settle();
  expect(passed).toEqual(['a', 'b', 'c']);
  expect(gate.waiting).toBe(0);
});

test('an open gate holds nobody', async () => {
  const gate = createGate();
  const early = gate.wait();
  gate.open();
  await early;
  await gate.wait();
  expect(gate.waiting).toBe(0);
});

test('a test can wait until somebody has come to the gate', async () => {
  const gate = createGate();
  let hasArrived = false;
  const arrived = gate.arrived(2).then(() => {
    hasArrived = true;
  });
  void gate.wait();
  await settle();
  expect(hasArrived).toBe(false);
  void gate.wait();
  await arrived;
  expect(hasArrived).toBe(true);
});
