/** The tool with which an agent asks a person something: allowing it is not yet an answer. Also for the page. */
export const QUESTION_TOOL = 'AskUserQuestion';
