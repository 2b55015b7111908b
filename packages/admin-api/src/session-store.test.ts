import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSessionStore } from './session-store.ts';

test('the hundred-and-first session ends the oldest', () => {
  const sessions = createSessionStore({ now: () => 0, randomBytes });
  const opened = Array.from({ length: 101 }, () => sessions.open());
  expect(opened.filter(({ token }) => sessions.find(token) === undefined)).toEqual([opened[0]]);
});

test('the twenty-first open login link ends the oldest', () => {
  const sessions = createSessionStore({ now: () => 0, randomBytes });
  const links = Array.from({ length: 21 }, () => sessions.createLoginLink());
  expect(links.map(({ token }) => sessions.redeemLoginLink(token))).toEqual([false, ...Array(20).fill(true)]);
});

test('a link is good until its last millisecond, once', () => {
  let time = 0;
  const sessions = createSessionStore({ now: () => time, randomBytes });
  const [first, second] = [sessions.createLoginLink(), sessions.createLoginLink()];
  expect(first.expiresAt).toBe(600_000);
  time = 599_999;
  expect([sessions.redeemLoginLink(first.token), sessions.redeemLoginLink(first.token)]).toEqual([true, false]);
  time = 600_000;
  expect(sessions.redeemLoginLink(second.token)).toBe(false);
});

test('sessions, their CSRF tokens and links are all different', () => {
  const sessions = createSessionStore({ now: () => 0, randomBytes });
  const { token, session } = sessions.open();
  const link = sessions.createLoginLink();
  expect(new Set([token, session.csrfToken, link.token, sessions.open().token]).size).toBe(4);
  expect(sessions.find(link.token)).toBeUndefined();
  expect(sessions.redeemLoginLink(token)).toBe(false);
});
