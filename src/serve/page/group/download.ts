import type { GroupOutcome } from '../../api-types.ts';
import { saveFile } from '../controls/save-file.ts';
import { SseParser } from '../net/sse-parser.ts';
import type { GroupContext } from './part.ts';

/** Saves a group's events, one JSON object a line, or its result, as files. */
export async function download(what: 'journal' | 'result', context: GroupContext): Promise<void> {
  const { api, path, model } = context;
  const name = `${model.detail.slug}-${what}`;
  if (what === 'journal') return saveFile(`${name}.ndjson`, await events(context), 'application/x-ndjson');
  const { result } = await api.get<{ readonly result: GroupOutcome }>(`${path}/result`);
  saveFile(`${name}.json`, [`${JSON.stringify(result, null, 2)}\n`], 'application/json');
}

/** The events up to now. Their stream stays open while the group is not settled, so it ends with the last one. */
async function events({ api, path }: GroupContext): Promise<string[]> {
  const { nextSeq } = await api.get<{ readonly nextSeq: number }>(path);
  if (nextSeq === 0) return [];
  const stop = new AbortController();
  const body = await api.stream(`${path}/events?fromSeq=0`, {}, stop.signal);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new SseParser();
  const lines: string[] = [];
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return lines;
      for (const { event, data, id } of parser.feed(value)) {
        if (event === 'event') lines.push(`${data}\n`);
        if (event === 'end' || Number(id ?? -1) >= nextSeq - 1) return lines;
      }
    }
  } finally {
    stop.abort();
  }
}
