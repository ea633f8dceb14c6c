import { formatDay, formatTime, formatUsd } from '../../../sdk/format.ts';
import type { CostHistory } from '../../api-types.ts';
import { attr, el, svg, text, visible } from '../dom/el.ts';
import { ApiFailure } from '../net/api.ts';
import { type CostPoint, costLine } from './cost-line.ts';
import type { GroupContext, Part } from './part.ts';

const WIDTH = 1_000;
const HEIGHT = 200;

/** What the group has spent over time, with its limit. The past is read when the tab is opened, and then continued. */
export function costChart({ api, path, model }: GroupContext): Part & { shown(): void } {
  const note = el('p', { class: 'empty', role: 'status' }, 'Loading…');
  const line = svg('path', { class: 'spent' });
  const area = svg('path', { class: 'spent-area' });
  const limit = svg('path', { class: 'limit' });
  const view = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' },
    ...[area, line, limit],
  );
  const most = el('span');
  const begin = el('time');
  const end = el('time');
  const chart = el(
    'div',
    { class: 'cost-chart' },
    el('p', { class: 'small' }, most),
    view,
    el('p', { class: 'small ends' }, begin, end),
  );
  const dear = el('ol', { class: 'dearest' });
  const dearest = el('div', {}, el('h3', {}, 'Most expensive sessions'), dear);
  visible(chart, false);
  visible(dearest, false);
  let points: CostPoint[] | undefined;
  const draw = () => {
    if (points === undefined) return;
    const { totalCostUsd, limitUsd } = model.totals;
    const isReal = model.detail.rehearsal !== true;
    const now = Math.max(model.updatedAt, points.at(-1)?.at ?? 0);
    if (points.at(-1)?.usd !== totalCostUsd && totalCostUsd > 0) points.push({ at: now, usd: totalCostUsd });
    const shown = costLine(points, limitUsd, { width: WIDTH, height: HEIGHT });
    text(note, isReal ? 'Nothing has been spent yet.' : 'A rehearsal spends nothing.');
    visible(note, shown === undefined || !isReal);
    visible(chart, shown !== undefined && isReal);
    visible(dearest, shown !== undefined && isReal);
    if (shown === undefined) return;
    attr(line, 'd', shown.line);
    attr(area, 'd', shown.area);
    attr(limit, 'd', shown.limit);
    const of = limitUsd === undefined ? '' : ` of ${formatUsd(limitUsd)}`;
    text(most, `${formatUsd(totalCostUsd)}${of}`);
    attr(view, 'aria-label', `Spent over time: ${formatUsd(totalCostUsd)}${of}`);
    text(begin, timeOf(shown.from));
    text(end, timeOf(shown.to));
    const sessions = [...model.sessions.values()].filter(({ costUsd }) => costUsd > 0);
    const first = sessions.sort((a, b) => b.costUsd - a.costUsd).slice(0, MOST);
    dear.replaceChildren(
      ...first.map(({ id, costUsd, estimated }) =>
        el('li', {}, el('span', { class: 'number' }, formatUsd(costUsd, estimated)), ' ', el('bdi', {}, id)),
      ),
    );
  };
  return {
    node: el('div', { class: 'cost' }, note, chart, dearest),
    update: draw,
    async shown() {
      if (points !== undefined) return;
      try {
        const { points: past } = await api.get<CostHistory>(`${path}/cost`);
        points = past.map(({ time, costUsd }) => ({ at: Date.parse(time), usd: costUsd }));
        draw();
      } catch (error) {
        text(note, error instanceof ApiFailure ? error.message : 'It cannot be shown.');
      }
    },
  };
}

const MOST = 10;

const timeOf = (at: number): string => `${formatDay(at)} ${formatTime(at)}`;
