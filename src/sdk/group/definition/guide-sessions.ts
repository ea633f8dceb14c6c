import type { Guide } from './guide-type.ts';

/** Of sessions, apart from what they may say in place of the group. */
export const SESSION_GUIDE: Guide = {
  sessions: { text: 'The sessions of the group' },
  'sessions[].id': { text: 'Name of the session, unique in the group', examples: ['shared-lib'] },
  'sessions[].projectPath': {
    text: 'The folder to work in, relative to the definition file; it has to exist. Exactly one of projectPath and project',
    examples: ['../gateway'],
  },
  'sessions[].project': {
    text: 'A repository that is cloned for the session. Exactly one of projectPath and project',
    examples: [{ git: 'https://github.com/owner/name.git' }],
  },
  'sessions[].project.git': {
    text: 'Address of the repository, or its path relative to the definition file',
    examples: ['https://github.com/owner/name.git', '../gateway'],
  },
  'sessions[].project.ref': {
    text: "The branch or commit to start from. Default: workspace.base, which is the remote's HEAD unless it is given",
    examples: ['main'],
  },
  'sessions[].project.subdir': { text: 'The folder in it to work in', examples: ['packages/api'] },
  'sessions[].description': { text: 'What the session is for' },
  'sessions[].forEach': {
    text: 'The values to run it for, each in a session of its own; {{ each }} is the value. A list, folders, a glob, or a tag',
    examples: [['api', 'web'], { glob: 'packages/*' }, '{{ vars.packages }}'],
  },
  'sessions[].forEach.projects': {
    text: 'Folders, relative to the definition file; each is the projectPath of its session',
    examples: [['../api', '../web']],
  },
  'sessions[].forEach.glob': {
    text: 'Folders below the one that the definition file is in, as a pattern with *, ? and **',
    examples: ['packages/*'],
  },
  'sessions[].forEach.files': { text: 'true: files, not folders. Default: false' },
  'sessions[].forEach.of': { text: 'Written by the program: the name of the fan-out' },
  'sessions[].forEach.value': { text: 'Written by the program: the value that this session is for' },
  'sessions[].prompt': {
    text: 'What the agent is asked to do; it may have {{ tags }}. Exactly one of prompt, promptFile and template',
    examples: ['Extract the token check into src/auth.ts and export it.'],
  },
  'sessions[].promptFile': {
    text: 'A text file with the prompt, relative to the definition file',
    examples: ['prompts/extract.md'],
  },
  'sessions[].template': {
    text: 'Name of a prompt template; `session-groups template list` shows them',
    examples: ['implement-feature'],
  },
  'sessions[].variables': {
    text: 'Values for the {{ tags }} of the prompt: data, inserted as it is',
    examples: [{ feature: 'token check' }],
  },
  'sessions[].inputs': {
    text: 'More values for tags: texts whose own tags are expanded first',
    examples: [{ findings: "{{ sessions['audit'].result }}" }],
  },
  'sessions[].templating': { text: 'false: the prompt is sent as it is, with its tags' },
  'sessions[].dependsOn': {
    text: 'The sessions that this one waits for',
    examples: [['shared-lib'], [{ session: 'shared-lib', when: 'failed' }]],
  },
  'sessions[].dependsOn[].session': { text: 'Id of the session to wait for' },
  'sessions[].dependsOn[].when': {
    text: 'How that session has to end',
    values: {
      completed: 'it is completed, or has failed and was allowed to',
      failed: 'it has failed',
      settled: 'it has ended in any way',
    },
  },
  'sessions[].trigger': {
    text: 'How many of the sessions that it depends on have to end as required',
    values: { all: 'every one', any: 'one is enough' },
  },
  'sessions[].priority': { text: 'Among sessions that could start, those with a higher priority go first' },
  'sessions[].estimate': {
    text: 'How long it is expected to take; decides the order, the critical path, and what is said of the time that is left. Where others have one, a session without it counts as 10 minutes in `plan` and at first, then as the median of the sessions that have settled',
    examples: ['20m'],
  },
  'sessions[].maxBudgetUsd': { text: 'USD that this session may spend over all its attempts', examples: [5] },
  'sessions[].allowFailure': { text: 'Whether the group may complete although this session has failed' },
  'sessions[].config': { text: 'What is generated for this session' },
  'sessions[].config.inheritFromGroup': {
    text: 'false: the files in shared-config/ are ignored. Default: true',
  },
  'sessions[].config.claudeMdTemplate': {
    text: 'The instructions: the name of a template, or a text with tags',
    examples: ['team-rules'],
  },
  'sessions[].config.settingsOverride': {
    text: "Settings of Claude Code, merged over the group's",
    examples: [{ includeCoAuthoredBy: false }],
  },
  'sessions[].config.commands': {
    text: 'Templates that become slash commands: review is /group:review',
    examples: [['review']],
  },
  'sessions[].mcpServers': {
    text: 'MCP servers by name, in the format of Claude Code; their tools are allowed',
    examples: [{ files: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '.'] } }],
  },
  'sessions[].env': {
    text: "Variables for the agent's environment. References to yours, such as ${TOKEN}, are resolved at each start and never stored",
    examples: [{ NODE_ENV: 'test', API_TOKEN: '${API_TOKEN}' }],
  },
  'sessions[].envPolicy': {
    text: "What of the engine's own environment the agent gets",
    values: { inherit: 'all of it', allowlist: 'only PATH, HOME, the locale and credentials' },
  },
  'sessions[].isolateConfigDir': {
    text: "Whether the agent has a config folder of its own in place of the user's; it then needs a login in its environment",
  },
  'sessions[].outputSchema': {
    text: 'JSON Schema (draft-07, type: object, at most 64 KiB) that the structured output has to satisfy',
    examples: [{ type: 'object', properties: { passed: { type: 'boolean' } }, required: ['passed'] }],
  },
};
