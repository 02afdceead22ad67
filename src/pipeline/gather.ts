// What one window is made of: the shards' profiles for a base window, the merged profiles of smaller windows for a roll-up.
import { decodeProfile } from '../codec/profile.ts';
import { positionOf } from '../codec/revision.ts';
import type { ModelState, ResultKey, StoredVersion, WindowParts } from '../ports.ts';
import { mergedProfile, type Profile } from '../profile/profile.ts';
import { globalWatermark } from '../profile/watermark.ts';
import { isDue } from '../profile/window.ts';
import { contentOf, type PreparedContent, type VersionProfile, type WindowContent } from './content.ts';
import type { MonitoredModel } from './model.ts';
import type { EvaluatePorts, Round } from './round.ts';
import { type EvaluationSettings, otherVersions } from './settings.ts';

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
  /** How far into the log the inputs reach: it grows whenever one of them does. */
  readonly position: bigint;
  /** False where retention has removed all there was. */
  readonly isThere: boolean;
  /** What the window says; costly, unless it was prepared. */
  readonly content: () => WindowContent;
  /** Per shard the version of the window that was read; 0 where the shard holds nothing of it. */
  readonly read: readonly number[];
  /** Wall clock at which event time passed the end of the window, where that is what its result has waited for. */
  readonly passedAt?: number | undefined;
}

/**
 * Reads a base window from every shard; it is merged in the order of the shards, so that whoever does it gets the same. Where
 * its content was prepared of the very inputs that are stored, their versions are all that is read.
 */
export async function gatherWindow(
  model: MonitoredModel,
  start: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
  prepared?: PreparedContent,
): Promise<Gathered> {
  const { sizeMs, graceMs } = settings.windows;
  const window = { model: model.schema.model, start };
  const key = { size: sizeMs, start };
  const state = await ports.results.state(window.model);
  const gathered = (
    versions: readonly WindowParts<StoredVersion>[],
    content: () => WindowContent,
  ): Gathered => ({
    ...{ key, state, content, inputs: inputsOf(versions), position: reach(versions) },
    isThere: versions.some(({ parts }) => parts.length > 0),
    due: isDue(start + sizeMs, globalWatermark(versions, round.whenIdle), graceMs),
    read: versions.map(({ parts }) => newest(parts)),
  });
  if (prepared !== undefined) {
    const versions = await ofEveryShard(ports, (shard) => ports.shards.versions(shard, window));
    if (inputsOf(versions) === prepared.inputs) return gathered(versions, () => prepared.content);
  }
  const parts = await ofEveryShard(ports, (shard) => ports.shards.read(shard, window));
  return gathered(parts, () => contentOf(model, key, mergeByVersion(model, parts, settings)));
}

/** The content of a base window as it is now, whether or not it is due; undefined where there is nothing of it. */
export async function prepareWindow(
  model: MonitoredModel,
  start: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
): Promise<Omit<PreparedContent, 'listed'> | undefined> {
  const window = { model: model.schema.model, start };
  const parts = await ofEveryShard(ports, (shard) => ports.shards.read(shard, window));
  if (!parts.some((shard) => shard.parts.length > 0)) return undefined;
  const key = { size: settings.windows.sizeMs, start };
  return { inputs: inputsOf(parts), content: contentOf(model, key, mergeByVersion(model, parts, settings)) };
}

function ofEveryShard<Reply>(
  { shardCount }: EvaluatePorts,
  ask: (shard: number) => Promise<Reply>,
): Promise<Reply[]> {
  return Promise.all(Array.from({ length: shardCount }, (_, shard) => ask(shard)));
}

function inputsOf(shards: readonly WindowParts<StoredVersion>[]): string {
  return shards
    .flatMap(({ parts }, shard) => parts.map(({ key, version }) => `${shard}:${key.version}:${version}`))
    .sort()
    .join(' ');
}

function reach(shards: readonly WindowParts<StoredVersion>[]): bigint {
  return shards.flatMap(({ parts }) => parts).reduce((sum, { version }) => sum + BigInt(version), 0n);
}

function newest(parts: readonly StoredVersion[]): number {
  return parts.reduce((version, part) => Math.max(version, part.version), 0);
}

function mergeByVersion(
  model: MonitoredModel,
  shards: readonly WindowParts[],
  settings: EvaluationSettings,
): VersionProfile[] {
  const byVersion = new Map<string, Profile[]>();
  for (const { parts } of shards) {
    for (const { key, bytes } of parts) {
      const profiles = byVersion.get(key.version) ?? [];
      byVersion.set(key.version, profiles);
      profiles.push(decodeProfile(bytes, model.schema));
    }
  }
  return mergeEach(pooled(byVersion, settings));
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
    position: windows.reduce((sum, { revision }) => sum + positionOf(revision), 0n),
    isThere: byVersion.size > 0,
    content: () => contentOf(model, key, mergeEach(pooled(byVersion, settings))),
    read: [],
  };
}

/**
 * No more versions than are kept apart, though every shard and every smaller window may bring others: those with most rows keep
 * their names, the rest are one. It depends on the profiles alone.
 */
function pooled(
  byVersion: ReadonlyMap<string, readonly Profile[]>,
  { versionsPerModel }: EvaluationSettings,
): ReadonlyMap<string, readonly Profile[]> {
  const named = [...byVersion]
    .filter(([version]) => version !== otherVersions)
    .map(([version, profiles]) => ({ version, profiles, rows: rowsOf(profiles) }));
  if (named.length <= versionsPerModel) return byVersion;
  named.sort((a, b) => b.rows - a.rows || (a.version < b.version ? -1 : 1));
  const kept = named.splice(0, versionsPerModel);
  const rest = [...named.flatMap(({ profiles }) => profiles), ...(byVersion.get(otherVersions) ?? [])];
  return new Map([
    ...kept.map(({ version, profiles }) => [version, profiles] as const),
    [otherVersions, rest],
  ]);
}

function rowsOf(profiles: readonly Profile[]): number {
  return profiles.reduce((sum, { rows }) => sum + rows, 0);
}

function mergeEach(byVersion: ReadonlyMap<string, readonly Profile[]>): VersionProfile[] {
  return [...byVersion]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([version, [first, ...others]]) =>
      first === undefined ? [] : [{ version, profile: mergedProfile([first, ...others]) }],
    );
}
