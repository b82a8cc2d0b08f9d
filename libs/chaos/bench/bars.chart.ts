/** Bars of one label: one for each series, in their order. `undefined` where there is none. */
export interface BarGroup {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
}

const widthPx = 760;
const leftPx = 110;
const rightPx = 90;
const barPx = 14;
const groupGapPx = 14;
const topPx = 64;
const colours = ['#3b6fb6', '#c2571a', '#6b7a3a'];
const text = 'font-family="system-ui, sans-serif" font-size="12" fill="#777"';

/** Draws groups of horizontal bars as SVG. Equal values give equal text. */
export function barsChart(title: string, series: readonly string[], groups: readonly BarGroup[]): string {
  const longest = Math.max(1, ...groups.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const groupPx = series.length * barPx + groupGapPx;
  const legend = series.map((name, index) => {
    const x = leftPx + index * 190;
    return `<rect x="${x}" y="34" width="12" height="12" fill="${colours[index]}"/><text x="${x + 18}" y="45" ${text}>${name}</text>`;
  });
  const drawn = groups.flatMap(({ label, values }, group) => {
    const y = topPx + group * groupPx;
    const bars = values.map((value, index) => {
      const at = y + index * barPx;
      const width = Math.round((widthPx - leftPx - rightPx) * ((value ?? 0) / longest));
      const said = value === undefined ? 'not possible' : value.toLocaleString('en');
      return `<rect x="${leftPx}" y="${at}" width="${width}" height="${barPx - 2}" fill="${colours[index]}"/><text x="${leftPx + width + 6}" y="${at + 10}" ${text}>${said}</text>`;
    });
    return [`<text x="8" y="${y + (series.length * barPx) / 2 + 4}" ${text}>${label}</text>`, ...bars];
  });
  const heightPx = topPx + groups.length * groupPx;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}">`,
    `<text x="8" y="20" ${text} font-weight="600">${title}</text>`,
    ...legend,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}
