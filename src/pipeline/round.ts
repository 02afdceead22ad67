// One round of evaluation: the ports that it works on, and what is true of time in it.
import type { Clock, Log, Meter, Outbound, ResultStore, ShardStore, Token } from '../ports.ts';

export interface EvaluatePorts {
  readonly shards: ShardStore;
  readonly results: ResultStore;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Log;
  readonly token: Token;
  /** How many shards there are, owned here or elsewhere. */
  readonly shardCount: number;
}

export interface Round {
  /** How far event time has come when every shard is idle, epoch milliseconds. */
  readonly whenIdle: number;
  /** The input has ended: revisions are not held back. */
  readonly final: boolean;
  /** The shards that this process reads, where others read and evaluate too; undefined where it is alone. */
  readonly owned?: ReadonlySet<number>;
  /** Once it has aborted nothing further is begun. */
  readonly until?: AbortSignal;
}

/** A round that has seen the shards. */
export interface OpenRound extends Round {
  /** Windows that start before this were lost in some shard, and are not published again: they would lack rows. */
  readonly completeFrom: number;
}
