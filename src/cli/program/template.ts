import { lazily, type Register } from './lazily.ts';
import { assigned, TEMPLATE_ARGUMENT, TEMPLATES_OF_OPTION } from './options.ts';

/** `template …`: the templates that sessions can use. */
export const template: Register = (program, context) => {
  const noun = program
    .command('template')
    .helpCommand(false)
    .description('List, show and try the templates that sessions can use');
  for (const register of [templateList, templateShow, templateRender]) register(noun, context);
};

const templateList: Register = (program, context) => {
  program
    .command('list')
    .description('List the templates that sessions can use')
    .option(...TEMPLATES_OF_OPTION)
    .option('--json', 'print each template as a JSON line')
    .action(lazily(context, async () => (await import('../commands/template/list.ts')).templateList));
};

const templateRender: Register = (program, context) => {
  program
    .command('render')
    .description('Fill in a template and print it, without starting anything')
    .argument(...TEMPLATE_ARGUMENT)
    .option('--var <name=text>', 'the value of a variable; repeatable', assigned)
    .option('--vars-file <file>', 'a YAML or JSON file that maps variable names to values')
    .option('--definition <file>', 'also look next to this definition, and render for one of its sessions')
    .option('--session <id>', 'the session whose variables and inputs to use')
    .option('--json', 'print the text as a JSON line')
    .addHelpText('after', TEMPLATE_RENDER_EXAMPLES)
    .action(lazily(context, async () => (await import('../commands/template/render.ts')).templateRender));
};

const templateShow: Register = (program, context) => {
  program
    .command('show')
    .description('Show the variables and the text of a template')
    .argument(...TEMPLATE_ARGUMENT)
    .option(...TEMPLATES_OF_OPTION)
    .option('--json', 'print it as a JSON line')
    .action(lazily(context, async () => (await import('../commands/template/show.ts')).templateShow));
};

const TEMPLATE_RENDER_EXAMPLES = `
Examples:
  session-groups template render implement-feature --var 'feature=a token check'
  session-groups template render code-review --vars-file review.yaml
  session-groups template render code-review --definition session-groups.yaml --session review

Results of other sessions do not exist yet: the output has placeholders for them.
`;
