// What a window brings beside its drift result: breaks, labels and quality, and what somebody has said of its time.
import { type Vote, vote } from './vote.ts';
import { estimatedColumn, type LabelCounts, realisedColumn, type WindowFacts } from './window-facts.ts';

/** How far the quality of a window lies below what the baseline lets expect; `unknown`: too few labels, or no score. */
export type LossState = 'ok' | 'degraded' | 'severe' | 'unknown';

/** What is asked of the quality of a window, of one that has any. */
export interface QualityEvidence {
  readonly labels: LabelCounts;
  readonly realised: LossState;
  readonly estimated: LossState;
}

/** All of it may be absent: then nothing is said. */
export interface WindowEvidence {
  /** True where a feature looks as if what brings its values were broken. */
  readonly isBroken?: boolean;
  readonly quality?: QualityEvidence | undefined;
  /** When the schedule of retraining last struck before the end of the window, epoch milliseconds. */
  readonly scheduledAt?: number | undefined;
  /** Columns that are silenced in this window. */
  readonly silenced?: readonly string[];
  /** True where the window lies in a maintenance window: it has no vote at all. */
  readonly isMaintenance?: boolean;
}

const lossVotes: Readonly<Record<LossState, Vote>> = {
  ok: vote.clear,
  degraded: vote.warning,
  severe: vote.critical,
  unknown: vote.abstain,
};

/** The votes of the window's quality, by column; none where nothing is known of it. */
export function qualityVotes({
  quality,
}: WindowEvidence): readonly (readonly [column: string, letter: Vote])[] {
  if (quality === undefined) return [];
  return [
    [realisedColumn, lossVotes[quality.realised]],
    [estimatedColumn, lossVotes[quality.estimated]],
  ];
}

/** What the history keeps of it, without what says nothing: equal evidence is equal text. */
export function factsOf({ isBroken, quality, scheduledAt, silenced = [] }: WindowEvidence): WindowFacts {
  return {
    ...(isBroken === true ? { broken: true } : {}),
    ...(quality === undefined ? {} : { labels: quality.labels }),
    ...(scheduledAt === undefined ? {} : { scheduledAt }),
    ...(silenced.length === 0 ? {} : { silenced: [...silenced].sort() }),
  };
}
