// What a window says, whoever works it out and when: its rows compared with the baseline, its quality on the labels that are
// there, and its merged profiles as bytes.
import { encodeLabelled } from '../codec/labelled-profile.ts';
import { encodeProfile } from '../codec/profile.ts';
import type { WindowQuality } from '../codec/result-quality.ts';
import { evaluateWindow } from '../drift/evaluate.ts';
import type { WindowResult } from '../drift/result.ts';
import type { MergedProfile, ResultKey } from '../ports.ts';
import { emptyProfile, mergedProfile, type Profile } from '../profile/profile.ts';
import { diagnose } from '../quality/diagnosis.ts';
import { evaluateQuality } from '../quality/evaluate.ts';
import {
  copyLabelled,
  emptyLabelled,
  type LabelledProfile,
  mergeLabelled,
} from '../quality/labelled-profile.ts';
import type { MonitoredModel } from './model.ts';

/** What is known of one version in a window; of one whose predictions came with their labels alone, no profile. */
export interface VersionProfile {
  readonly version: string;
  readonly profile: Profile | undefined;
  readonly labelled: LabelledProfile | undefined;
}

export interface WindowContent {
  readonly result: WindowResult;
  /** Undefined where labels are not joined. */
  readonly quality: WindowQuality | undefined;
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
  versions: readonly VersionProfile[],
): WindowContent {
  const profiles = versions.map(({ profile }) => profile).filter((profile) => profile !== undefined);
  const [first = emptyProfile(model.schema), ...others] = profiles;
  const profile = mergedProfile([first, ...others]);
  const result = evaluateWindow({
    model: model.schema.model,
    segment: 'all',
    start: key.start,
    end: key.start + key.size,
    profile,
    versions: versions.map((found) => ({ version: found.version, rows: found.profile?.rows ?? 0 })),
    schema: model.schema,
    baseline: model.baseline,
    policy: model.drift,
  });
  const quality = qualityOf(model, result, profile, versions);
  return { result, quality, profiles: versions.flatMap((version) => mergedParts(model, version)) };
}

function qualityOf(
  model: MonitoredModel,
  result: WindowResult,
  profile: Profile,
  versions: readonly VersionProfile[],
): WindowQuality | undefined {
  const { quality: prepared, qualityPolicy: policy, baseline } = model;
  if (prepared === undefined) return undefined;
  const labelled =
    mergedLabelled(versions.flatMap((version) => version.labelled ?? [])) ?? emptyLabelled(prepared.spec);
  const quality = evaluateQuality(profile, labelled, prepared, policy);
  // Which detectors have fired depends on the order in which labels came, and a result must not.
  const findings = baseline === undefined ? [] : diagnose(result, quality, [], baseline.baseline, policy);
  return { quality, findings };
}

function mergedParts(model: MonitoredModel, { version, profile, labelled }: VersionProfile): MergedProfile[] {
  const { schema, quality } = model;
  const key = { version, segment: 'all' };
  const parts: MergedProfile[] = [];
  if (profile !== undefined) parts.push({ ...key, bytes: encodeProfile(profile, schema) });
  if (labelled !== undefined && quality !== undefined)
    parts.push({ ...key, part: 'labelled', bytes: encodeLabelled(labelled, quality.spec) });
  return parts;
}

/** One profile of several; undefined of none. */
export function mergedLabelled(profiles: readonly LabelledProfile[]): LabelledProfile | undefined {
  const [first, ...others] = profiles;
  if (first === undefined || others.length === 0) return first;
  const merged = copyLabelled(first);
  for (const other of others) mergeLabelled(merged, other);
  return merged;
}
