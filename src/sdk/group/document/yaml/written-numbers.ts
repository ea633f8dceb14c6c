import { type Document, isMap, isSeq, visit } from 'yaml';

/** Which values of a document are inserted into texts: all of them, or those below `variables`, at the top and in sessions. */
export type Inserted = 'all' | 'variables';

/**
 * Numbers that would be inserted otherwise than their author wrote them (`1.10`, `007`) become the text that was written.
 * Those with an anchor stay numbers: they may have another use.
 */
export function keepWrittenNumbers({ contents }: Document, inserted: Inserted): void {
  for (const node of inserted === 'all' ? [contents] : variablesIn(contents)) {
    if (node === null) continue;
    visit(node, {
      Scalar(_, scalar) {
        const { value, source, anchor } = scalar;
        if (
          typeof value === 'number' &&
          source !== undefined &&
          source !== String(value) &&
          anchor === undefined
        )
          scalar.value = source;
      },
    });
  }
}

function variablesIn(contents: Document['contents']): Document['contents'][] {
  if (!isMap(contents)) return [];
  const sessions = contents.get('sessions', true);
  return [contents, ...(isSeq(sessions) ? sessions.items : [])].flatMap(map => {
    const variables = isMap(map) ? map.get('variables', true) : undefined;
    return isMap(variables) || isSeq(variables) ? [variables] : [];
  });
}
