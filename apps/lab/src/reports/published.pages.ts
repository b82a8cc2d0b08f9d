import { summarize } from '../../../../libs/chaos/src/results/scenario.summary.js';
import { figuresChart } from './figures.chart.js';
import { indexName, readPublished } from './published.results.js';
import { resultsPage } from './results.page.js';

const figuresName = 'figures.svg';

/**
 * Makes the files that are kept beside published results: the index, its picture, and a summary in each folder of runs.
 *
 * @param folder `docs/results`
 * @returns the text of each file by its path below the folder
 */
export async function publishedPages(folder: string): Promise<ReadonlyMap<string, string>> {
  const published = await readPublished(folder);
  return new Map([
    [indexName, resultsPage(published, figuresName)],
    [figuresName, figuresChart(published.chaos)],
    ...published.chaos.map(
      ({ name, runs }) => [`chaos/${name}/summary.json`, `${JSON.stringify(summarize(runs), null, 2)}\n`] as const,
    ),
  ]);
}
