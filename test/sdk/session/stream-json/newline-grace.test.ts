import { expect, it } from 'vitest';
import { lineSplitter } from '../../../../src/sdk/process/line-splitter.ts';
import { newlineGrace } from '../../../../src/sdk/session/stream-json/newline-grace.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

function reading() {
  const clock = new SimulatedClock();
  const lines: string[] = [];
  const newline = newlineGrace(clock);
  const splitter = lineSplitter({
    onLine: line => {
      newline.ended();
      lines.push(line);
    },
    onUnfinished: (_, line) => newline.grew(line),
  });
  return { clock, lines, push: (text: string) => splitter.push(Buffer.from(text)) };
}

it.each(['{"type":"result"}', 'text {"type":"result"} ', '{"type":"control_request","request":{}}'])(
  'a whole message is a line when its newline has not come for a while: %s',
  text => {
    const { clock, lines, push } = reading();
    push(text);
    clock.advance(999);
    expect(lines).toEqual([]);
    clock.advance(1);
    expect(lines).toEqual([text]);
    push('\nmore\n');
    expect(lines).toEqual([text, '', 'more']);
    expect(clock.pending).toBe(0);
  },
);

it.each(['{"type":"result","result":"cut', '{"type":"result"} text', 'text', '{"a":1}'])(
  'anything else waits for its newline: %s',
  text => {
    const { clock, lines, push } = reading();
    push(text);
    clock.advance(3_600_000);
    expect(lines).toEqual([]);
    push('\n');
    expect(lines).toEqual([text]);
  },
);

it('a message that grows is not complete', () => {
  const { clock, lines, push } = reading();
  for (const part of ['{"type":"a"', '}', ' ', '{"type":"b"}']) {
    push(part);
    clock.advance(900);
  }
  expect(lines).toEqual([]);
  clock.advance(100);
  expect(lines).toEqual(['{"type":"a"} {"type":"b"}']);
});
