// The laws of both stores behind src/ports.ts: whatever holds of memory must hold of Redis.
import { describe } from 'vitest';
import { foldLaws } from './store-fold.laws.ts';
import { joinLaws } from './store-join.laws.ts';
import { rangeLaws } from './store-ranges.laws.ts';
import { resultStoreLaws } from './store-results.laws.ts';
import type { OpenEmptyStores } from './store-samples.ts';
import { shardStoreLaws } from './store-shards.laws.ts';
import { windowLaws } from './store-windows.laws.ts';

/** Declares the tests of all laws; `runs` is for those with random input. */
export function storeLaws(open: OpenEmptyStores, runs: number): void {
  describe('a shard store', () => shardStoreLaws(open));
  describe('the windows of a shard', () => windowLaws(open));
  describe('the join of a shard', () => joinLaws(open));
  describe('a result store', () => resultStoreLaws(open));
  describe('the windows of a model', () => rangeLaws(open));
  describe('state and offsets', () => foldLaws(open, runs));
}
