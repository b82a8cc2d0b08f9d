import junit, { type Builder } from 'junit-report-builder';
import { isSkipped, type RunFile } from '../results/run.result.js';
import { byScenario } from '../results/scenario.summary.js';

/** The package is CommonJS and exports the builder itself, though its types declare a `default`. */
const builder = junit as unknown as Builder;

/** Characters that XML 1.0 cannot have, not even escaped. */
const notXml = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;
const text = (value: string): string => value.replaceAll(notXml, '\u{FFFD}');

/** JUnit XML with a suite for each scenario and a case for each run. */
export function junitReport(files: readonly RunFile[]): string {
  const report = builder.newBuilder();
  for (const [scenario, runs] of byScenario(files)) {
    const suite = report.testSuite().name(text(scenario));
    for (const run of runs) {
      const testCase = suite
        .testCase()
        .className(text(`chaos.${scenario}`))
        .name(`run ${run.run}`);
      if (isSkipped(run)) {
        testCase.skipped();
        testCase.standardOutput(text(run.skipped));
        continue;
      }
      testCase.time(run.durationMs / 1_000);
      const { notJudged = [] } = run;
      if (notJudged.length > 0)
        testCase.standardOutput(
          text(notJudged.map(({ figure, reason }) => `not judged: ${figure}: ${reason}`).join('\n')),
        );
      if (!run.verdict.pass) testCase.failure(text(run.verdict.reasons.join('; ')));
    }
  }
  return report.build();
}
