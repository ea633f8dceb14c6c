import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Block, type Inline, inlinesOf, markdown } from '../../src/serve/page/texts/markdown.ts';
import { joinedLines } from '../../src/serve/page/texts/transcript-lines.ts';
import { charactersRead } from '../support/characters-read.ts';

const p = (...inside: Inline[]): Block => ({ kind: 'paragraph', inside });

describe('Markdown of agents', () => {
  it('is read in blocks', () => {
    const text = [
      '# A title',
      'Two lines',
      'of one paragraph',
      '```ts',
      '# no title',
      '```',
      '> quoted',
      '> - in it',
      '---',
      '| a | b |',
      '| - | - |',
      '| 1 | `2` |',
    ].join('\n');
    expect(markdown(text)).toEqual([
      { kind: 'heading', level: 1, inside: ['A title'] },
      p('Two lines\nof one paragraph'),
      { kind: 'code', text: '# no title' },
      { kind: 'quote', inside: [p('quoted'), { kind: 'list', items: [[p('in it')]] }] },
      { kind: 'rule' },
      {
        kind: 'table',
        rows: [
          [['a'], ['b']],
          [['1'], [{ kind: 'code', text: '2' }]],
        ],
      },
    ]);
  });

  it('has lists in lists, and code and paragraphs in their items', () => {
    expect(
      markdown('1. first\n   - inner\n   - more\n2. second\n\n   its own\n\n   ```\n   x\n   ```\nend'),
    ).toEqual([
      {
        kind: 'list',
        start: 1,
        items: [
          [p('first'), { kind: 'list', items: [[p('inner')], [p('more')]] }],
          [p('second'), p('its own'), { kind: 'code', text: 'x' }, p('end')],
        ],
      },
    ]);
  });

  it.each<[string, Inline[]]>([
    ['a **b *c*** d', ['a ', { kind: 'strong', inside: ['b ', { kind: 'em', inside: ['c'] }] }, ' d']],
    ['snake_case_name and 2 * 3 * 4', ['snake_case_name and 2 * 3 * 4']],
    ['`a ``b`` *c*`', [{ kind: 'code', text: 'a ``b`` *c*' }]],
    ['\\*not\\*', ['*', 'not', '*']],
    ['<b onclick="x">bold</b>', ['<b onclick="x">bold</b>']],
    ['[docs](https://a.example/x_y)', [{ kind: 'link', href: 'https://a.example/x_y', inside: ['docs'] }]],
    ['![logo](http://a.example/i.png)', [{ kind: 'link', href: 'http://a.example/i.png', inside: ['logo'] }]],
    [
      '[https://a.example](https://b.example/)',
      [{ kind: 'link', href: 'https://b.example/', inside: ['https://a.example'] }],
    ],
    [
      '[*<https://a.example>*](https://b.example/)',
      [
        {
          ...{ kind: 'link', href: 'https://b.example/' },
          inside: [{ kind: 'em', inside: ['<https://a.example>'] }],
        },
      ],
    ],
    [
      'see https://a.example/b.',
      ['see ', { kind: 'link', href: 'https://a.example/b', inside: ['https://a.example/b'] }, '.'],
    ],
  ])('%s', (text, wanted) => {
    expect(inlinesOf(text)).toEqual(wanted);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](java\u0000script:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](//evil.example/a)',
    '[x](https://a.example@evil.example/)',
    '[x](https://user:pw@evil.example/)',
    '![x](file:///etc/passwd)',
    '<javascript:alert(1)>',
  ])('leaves %s as text', text => {
    expect(hrefs(markdown(text))).toEqual([]);
    expect(JSON.stringify(markdown(text))).not.toContain('"href"');
  });

  const pieces = fc.constantFrom(
    ...['*', '**', '_', '`', '```', '\n', ' ', '[', '](', ')', '<', '>', '#', '- ', '1. ', '|', '\\', '    '],
    ...['http://a.example', 'https://', 'javascript:', 'word', '\u202e', '~~', '!'],
  );
  property.prop([fc.array(pieces, { maxLength: 60 }).map(all => all.join(''))])(
    'never throws, and links only to the web',
    text => {
      for (const href of hrefs(markdown(text))) expect(href).toMatch(/^https?:\/\/[^@]+$/);
    },
  );

  it('reads an amount that grows with the length of the text, whatever is in it', () => {
    const worst = [
      '*a ',
      '**',
      '_a',
      '`',
      '``` ',
      '[',
      '[](',
      '![x](',
      '<',
      'h',
      '~~a ',
      '> ',
      '- ',
      '|-',
      '\\',
    ];
    const cost = (piece: string, length: number): number =>
      charactersRead(() => markdown(piece.repeat(length / piece.length)));
    for (const piece of worst.flatMap(one => [one, `${one}\n`])) {
      const growth = cost(piece, 40_000) / cost(piece, 10_000);
      expect(growth, JSON.stringify(piece)).toBeLessThan(5);
    }
  });
});

/** Every address in it. */
function hrefs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'href' in value && typeof value.href === 'string' ? [value.href] : [];
  return [...own, ...Object.values(value).flatMap(hrefs)];
}

describe('the lines of a transcript', () => {
  const line = (seq: number) => ({ seq, kind: 'assistant', text: String(seq), time: '' }) as const;
  const lines = (from: number, to: number, truncated = true) => ({
    lines: Array.from({ length: to - from }, (_, index) => line(from + index)),
    truncated,
  });
  const seqs = ({ lines: all }: ReturnType<typeof lines>) => all.map(({ seq }) => seq);

  it('are those that were read before with the latest behind them, unless some were missed', () => {
    expect(seqs(joinedLines(lines(0, 5, false), lines(3, 7)) as ReturnType<typeof lines>)).toEqual([
      0, 1, 2, 3, 4, 5, 6,
    ]);
    expect(joinedLines(lines(0, 5, false), lines(3, 7)).truncated).toBe(false);
    expect(joinedLines(lines(0, 5), lines(8, 9))).toEqual(lines(8, 9));
    expect(joinedLines(lines(0, 5), lines(2, 3, false))).toEqual(lines(2, 3, false));
  });
});
