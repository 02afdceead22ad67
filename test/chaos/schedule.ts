// Which faults happen when: drawn from the seed before the run begins.
import { uniform } from '../drift/random.ts';

export const faultKinds = [
  'worker-kill',
  'worker-stall',
  'worker-stop',
  'worker-join',
  'rebalance',
  'broker-stop',
  'broker-kill',
  'redis-kill',
  'redis-rollback',
  'redis-pause',
  'network-delay',
  'network-stall',
  'network-reset',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** The numbers are uniform on [0, 1): each kind makes of them what it needs. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** From the start, milliseconds. */
  readonly atMs: number;
  /** Comes at its time whatever the faults before have left standing; the others wait until work goes on. */
  readonly isRuthless: boolean;
  readonly length: number;
  readonly victim: number;
  readonly variant: number;
}

const ruthlessShare = 0.25;

/** So many faults over a time. Every kind comes about as often as every other: each round has them all, in an order of its own. */
export function schedule(seed: number, count: number, spanMs: number): readonly PlannedFault[] {
  const random = uniform(seed ^ 0xfa17);
  let round: FaultKind[] = [];
  return Array.from({ length: count }, (_, i) => {
    if (round.length === 0) round = [...faultKinds];
    const [kind] = round.splice(Math.floor(random() * round.length), 1) as [FaultKind];
    const atMs = ((i + random()) / count) * spanMs;
    const isRuthless = random() < ruthlessShare;
    return { kind, atMs, isRuthless, length: random(), victim: random(), variant: random() };
  });
}
