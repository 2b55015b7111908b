import type { OuterBoundary } from './outer-boundary.ts';

export const PROTECTIONS = [
  /** Reading files outside its folder. */
  'files',
  /** Reading them by a link inside the folder. The host also refuses links before it starts a plugin. */
  'links',
  'writes',
  'network',
  /** Starting programs. */
  'processes',
  /** Signals to the host. */
  'signals',
  /** Files by way of `node:sqlite`, which the permission model does not see. */
  'sqlite',
  /** The host's environment, by way of /proc. */
  'environment',
] as const;
export type Protection = (typeof PROTECTIONS)[number];

/** Which of the two walls holds by itself. */
export interface ProtectionReport {
  readonly runtime: 'holds' | 'open';
  readonly outer: 'holds' | 'open' | 'absent';
}

/** What is in force on this machine, as found out by trying. */
export interface BoundaryReport {
  readonly node: string;
  readonly outer: OuterBoundary;
  readonly protections: Readonly<Record<Protection, ProtectionReport>>;
}

/** What nothing holds back here: empty is good. */
export function openProtections({ protections }: BoundaryReport): readonly Protection[] {
  return PROTECTIONS.filter((name) => protections[name].runtime === 'open' && protections[name].outer !== 'holds');
}
