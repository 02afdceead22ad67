// The order in which stores return the parts of a window: the same for equal content, whatever the order of writing.
import type { ProfileKey } from '../ports.ts';

/** Compares by version, then segment; what is known of labels comes after the profile of all predictions. */
export function inOrderOfParts(
  a: Pick<ProfileKey, 'version' | 'segment' | 'part'>,
  b: Pick<ProfileKey, 'version' | 'segment' | 'part'>,
): number {
  if (a.version !== b.version) return a.version < b.version ? -1 : 1;
  if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
  return (a.part ?? '') < (b.part ?? '') ? -1 : Number(a.part !== b.part);
}
