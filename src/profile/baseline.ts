// The reference that windows are compared with: a profile, the bins and categories that it froze, and where it came from.
import type { Profile } from './profile.ts';
import type { ModelSchema } from './schema.ts';

export interface Baseline {
  readonly schema: ModelSchema;
  /** The summaries of the reference data, column by column in the order of the schema. */
  readonly profile: Profile;
  /** Event time of the first and the last row, epoch milliseconds; null where the data carry no time. */
  readonly period: { readonly start: number | null; readonly end: number | null };
  /** Not part of the content hash. */
  readonly provenance: { readonly source: string; readonly builtAt: string; readonly builtBy: string };
}
