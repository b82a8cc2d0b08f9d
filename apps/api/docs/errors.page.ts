import { generatedFrom, markdownTable } from './markdown.table.js';

/** What the page says of one code of the catalogue. */
export interface DocumentedProblem {
  readonly status: number;
  readonly title: string;
  readonly advice?: string;
}

/** docs/errors.md: every code of the catalogue, in the order of their statuses. */
export function errorsPage(problems: Readonly<Record<string, DocumentedProblem>>): string {
  const rows = Object.entries(problems)
    .toSorted(([, one], [, other]) => one.status - other.status)
    .map(([code, { status, title, advice = '' }]) => [`\`${code}\``, String(status), title, advice]);
  return `${generatedFrom('apps/api/src/problem-details/problem.catalogue.ts')}

# Errors

Every error of the API is \`application/problem+json\` (RFC 9457). Its \`code\` is stable: programs decide by it. \`title\` never
varies for a code, \`detail\` does. \`type\` is \`urn:pg-ha-lab:problem:\` followed by the code, with \`-\` for \`_\`. \`requestId\` is
also in the log. [An example](http-api.md#errors) shows a whole answer.

Every 503 has \`Retry-After\`, in seconds. With no API instance ready HAProxy itself answers 503, in HTML and without a code.
[The runbook](runbook.md#api-not-ready-or-503) says what to look at for each 503.

${markdownTable(['code', 'status', 'title', 'what it means, what to do'], rows)}
`;
}
