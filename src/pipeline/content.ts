// What a window says, whoever works it out and when: its rows compared with the baseline, and its merged profiles as bytes.
import { encodeProfile } from '../codec/profile.ts';
import { evaluateWindow } from '../drift/evaluate.ts';
import type { WindowResult } from '../drift/result.ts';
import type { MergedProfile, ResultKey } from '../ports.ts';
import { mergedProfile, type Profile } from '../profile/profile.ts';
import type { MonitoredModel } from './model.ts';

export interface VersionProfile {
  readonly version: string;
  readonly profile: Profile;
}

export interface WindowContent {
  readonly result: WindowResult;
  readonly profiles: readonly MergedProfile[];
}

/** The content of a window that was worked out before it was due. */
export interface PreparedContent {
  /** What it was made of: what is due has the same content as long as it has the same inputs. */
  readonly inputs: string;
  readonly content: WindowContent;
  /** The versions under which the shards listed the window then. */
  readonly listed: string;
}

/** The content of a window that has profiles, which are merged over the shards and stand in order of version. */
export function contentOf(
  model: MonitoredModel,
  key: ResultKey,
  profiles: readonly VersionProfile[],
): WindowContent {
  const [first, ...others] = profiles.map(({ profile }) => profile);
  const result = evaluateWindow({
    model: model.schema.model,
    segment: 'all',
    start: key.start,
    end: key.start + key.size,
    profile: mergedProfile([first!, ...others]),
    versions: profiles.map(({ version, profile }) => ({ version, rows: profile.rows })),
    schema: model.schema,
    baseline: model.baseline,
    policy: model.drift,
  });
  const merged = profiles.map(({ version, profile }) => ({
    version,
    segment: 'all',
    bytes: encodeProfile(profile, model.schema),
  }));
  return { result, profiles: merged };
}
