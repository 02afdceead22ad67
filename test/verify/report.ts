// What a verification amounts to: how many checks held, and how many did not.

export interface Report {
  readonly passed: number;
  readonly failed: number;
  /** Tests that did not run: neither, until whoever counts decides (`skippedAsFailed`). */
  readonly skipped: number;
}

/** The parts of vitest's JSON report that are counted. */
interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const nothing: Report = { passed: 0, failed: 0, skipped: 0 };

/** A step that is one check. */
export function single(ok: boolean): Report {
  return ok ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

export function sum(reports: readonly Report[]): Report {
  return reports.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
    }),
    nothing,
  );
}

/**
 * The tests of a run of vitest: the text that its JSON reporter wrote, and its exit code (null where a signal ended it).
 * A file that does not load is one failure. So is a run without a readable report, one in which no test passed or failed,
 * and one that ended with an error although no test failed.
 */
export function ofVitest(text: string | undefined, exitCode: number | null): Report {
  const parsed = parse(text);
  if (parsed === undefined) return single(false);
  const counted = sum(parsed.testResults.map(ofFile));
  const isUnexplained = counted.failed === 0 && (exitCode !== 0 || counted.passed === 0);
  return isUnexplained ? sum([counted, single(false)]) : counted;
}

function parse(text: string | undefined): VitestReport | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as VitestReport);
  } catch {
    // Cut off: the run was ended while it wrote. The caller counts that as a failure.
    return undefined;
  }
}

function ofFile({ status, assertionResults }: VitestReport['testResults'][number]): Report {
  const counted = sum(
    assertionResults.map((test) =>
      test.status === 'passed' || test.status === 'failed'
        ? single(test.status === 'passed')
        : { ...nothing, skipped: 1 },
    ),
  );
  return status === 'failed' && counted.failed === 0 ? sum([counted, single(false)]) : counted;
}

/** The same with what was skipped among the failed: in CI nothing may be left out unseen. */
export function skippedAsFailed({ passed, failed, skipped }: Report): Report {
  return { passed, failed: failed + skipped, skipped: 0 };
}

/** The last line of `npm run verify`. */
export function lastLine({ passed, failed }: Report): string {
  return `${passed} passed, ${failed} failed`;
}
