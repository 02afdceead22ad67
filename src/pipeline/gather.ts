// What one window is made of: the shards' profiles for a base window, the merged profiles of smaller windows for a roll-up.
import { decodeProfile } from '../codec/profile.ts';
import type { ModelState, ResultKey, WindowParts } from '../ports.ts';
import { mergedProfile, type Profile } from '../profile/profile.ts';
import { globalWatermark } from '../profile/watermark.ts';
import { isDue } from '../profile/window.ts';
import type { MonitoredModel } from './model.ts';
import type { EvaluatePorts, Round } from './round.ts';
import type { EvaluationSettings } from './settings.ts';

export interface VersionProfile {
  readonly version: string;
  readonly profile: Profile;
}

export interface Gathered {
  readonly key: ResultKey;
  /**
   * The model's state before anything was read: a commit that finds it so still has read the newest. Taken later, a slow
   * evaluator would put older content over newer.
   */
  readonly state: ModelState;
  /** Whether the window's time has come, as the reads that its content is from have it. */
  readonly due: boolean;
  /** Names every input and its version: equal inputs give an equal result. */
  readonly inputs: string;
  /** Merged over the shards, in order of version. */
  readonly profiles: readonly VersionProfile[];
  /** Per shard the version of the window that was read; 0 where the shard holds nothing of it. */
  readonly read: readonly number[];
  /** Wall clock at which event time passed the end of the window, where that is what its result has waited for. */
  readonly passedAt?: number | undefined;
}

/** Reads a base window from every shard and merges it, shards in order, so that whoever does it gets the same profile. */
export async function gatherWindow(
  model: MonitoredModel,
  start: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<Gathered> {
  const { sizeMs, graceMs } = settings.windows;
  const window = { model: model.schema.model, start };
  const shards = Array.from({ length: ports.shardCount }, (_, shard) => shard);
  const state = await ports.results.state(window.model);
  const parts = await Promise.all(shards.map((shard) => ports.shards.read(shard, window)));
  return {
    key: { size: sizeMs, start },
    state,
    due: isDue(start + sizeMs, globalWatermark(parts, round.whenIdle), graceMs),
    inputs: parts
      .flatMap(({ parts: stored }, shard) =>
        stored.map(({ key, version }) => `${shard}:${key.version}:${version}`),
      )
      .sort()
      .join(' '),
    profiles: mergeByVersion(model, parts),
    read: parts.map((shard) => newest(shard.parts)),
  };
}

function newest(parts: WindowParts['parts']): number {
  return parts.reduce((version, part) => Math.max(version, part.version), 0);
}

function mergeByVersion(model: MonitoredModel, shards: readonly WindowParts[]): VersionProfile[] {
  const byVersion = new Map<string, Profile[]>();
  for (const { parts } of shards) {
    for (const { key, bytes } of parts) {
      const profiles = byVersion.get(key.version) ?? [];
      byVersion.set(key.version, profiles);
      profiles.push(decodeProfile(bytes, model.schema));
    }
  }
  return mergeEach(byVersion);
}

/** Merges the windows of the next smaller size, in window order. */
export async function gatherRollup(
  model: MonitoredModel,
  key: ResultKey,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
): Promise<Gathered> {
  const sizes = [settings.windows.sizeMs, ...settings.windows.rollupsMs];
  const smaller = sizes[sizes.indexOf(key.size) - 1] ?? settings.windows.sizeMs;
  const name = model.schema.model;
  const state = await ports.results.state(name);
  const windows = await ports.results.profiles(name, smaller, key.start, key.start + key.size);
  const byVersion = new Map<string, Profile[]>();
  for (const { profiles } of windows) {
    for (const { version, bytes } of profiles) {
      const merged = byVersion.get(version) ?? [];
      byVersion.set(version, merged);
      merged.push(decodeProfile(bytes, model.schema));
    }
  }
  return {
    key,
    state,
    due: true,
    inputs: windows.map((window) => `${window.key.start}:${window.revision}`).join(' '),
    profiles: mergeEach(byVersion),
    read: [],
  };
}

function mergeEach(byVersion: ReadonlyMap<string, readonly Profile[]>): VersionProfile[] {
  return [...byVersion]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([version, [first, ...others]]) =>
      first === undefined ? [] : [{ version, profile: mergedProfile([first, ...others]) }],
    );
}
