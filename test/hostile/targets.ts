// Everything that takes something from outside.
import { documentTargets } from './document-targets.ts';
import { eventTargets } from './event-targets.ts';
import { connectionTargets } from './http-target.ts';
import { outgoingTargets } from './outgoing-targets.ts';
import { storedTargets } from './stored-targets.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [
  ...[...eventTargets, ...storedTargets, ...documentTargets],
  ...[...outgoingTargets, ...connectionTargets],
];
