import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const markdown = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name));
const RECORDS = markdown('design-docs/adr');
const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...markdown('docs'),
  ...markdown('design-docs'),
  ...RECORDS,
];

/** The anchors that GitHub derives from headings. */
const anchorsOf = (text: string) =>
  [...text.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('the documents', () => {
  it.each(DOCUMENTS)('%s: every link has a target', path => {
    const broken = [...read(path).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
      .map(([, link, picture]) => link ?? picture ?? '')
      .filter(link => !/^https?:/.test(link) && !leads(path, link));
    expect(broken).toEqual([]);
  });

  it('begin with a README of at most 200 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(200);
  });

  it('have a recording of the real program that loads nothing, names no place of a machine and is small', () => {
    const recording = read('docs/recording.svg');
    expect(recording.length).toBeLessThan(1_000_000);
    expect(recording.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|<script|@import|url\(|data:/,
    );
    expect(recording).not.toMatch(/\/(tmp|home|root|Users|work)\//);
    for (const shown of [
      '$ session-groups demo',
      'waiting for shared-lib',
      'retrying',
      '5 completed, 1 skipped',
    ])
      expect(recording).toContain(shown);
  });

  it('have journeys whose commands tests type', () => {
    const pages = markdown('docs').map(read);
    const commands = pages
      .flatMap(page => [...page.matchAll(/^```sh journey\n(.*?)^```/gms)])
      .flatMap(([, block = '']) => block.trimEnd().split('\n'));
    const folder = join('test', 'journeys');
    const journeys = readdirSync(join(ROOT, folder)).map(name => read(join(folder, name)));
    expect(commands.length).toBeGreaterThan(10);
    expect(commands.filter(line => !journeys.some(journey => journey.includes(`'${line}'`)))).toEqual([]);
  });

  it('name tests that exist, for every invariant', () => {
    const text = read('design-docs/invariants.md');
    const numbers = [...text.matchAll(/^\| I(\d+) \|/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
    const rows = text.split('\n').filter(line => /^\| (I\d+|[a-z]).*`[a-z]+\/[a-z/-]+`/.test(line));
    const tests = rows.flatMap(row =>
      [...(row.split('|').at(-2) ?? '').matchAll(/`([a-z]+(?:\/[a-z-]+)+)`/g)].map(([, name]) => name),
    );
    expect(rows.length).toBeGreaterThanOrEqual(numbers.length);
    expect(tests.filter(name => !existsSync(join(ROOT, 'test', `${name}.test.ts`)))).toEqual([]);
  });

  it('give a test that exists for every guarantee of security', () => {
    const [, table = ''] = read('SECURITY.md').split('## Guarantees');
    const rows = (table.split('\n## ')[0] ?? '')
      .split('\n')
      .filter(line => /^\| (?!guarantee |---)/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    const testsOf = (row: string) => [...row.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(rows.filter(row => testsOf(row).length === 0)).toEqual([]);
    expect(rows.flatMap(testsOf).filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('number every record once, and list it among the decisions', () => {
    const decisions = read('design-docs/DECISIONS.md');
    const names = RECORDS.map(path => relative('design-docs', path));
    expect(names.filter(name => !decisions.includes(`](${name})`))).toEqual([]);
    const numbered = RECORDS.map(path => [/(\d{4})-/.exec(path)?.[1], /^# (\d+)\. /.exec(read(path))?.[1]]);
    expect(numbered).toEqual(
      RECORDS.map((_, index) => [String(index + 1).padStart(4, '0'), String(index + 1)]),
    );
  });
});

function leads(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}
