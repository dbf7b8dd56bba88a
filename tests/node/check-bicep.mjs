// Checks Bicep files without a Bicep compiler: their syntax, names that nobody declared, and modules of ours that are called with other parameters
// than they have or asked for outputs that they have not. Arguments: files. One line of output for each problem; exit code 1 where there is one.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Language, Parser } from 'web-tree-sitter';

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(fileURLToPath(import.meta.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'))));

const declarations = {
  parameter_declaration: 'parameters',
  variable_declaration: 'names',
  output_declaration: 'outputs',
  resource_declaration: 'names',
  module_declaration: 'names',
  type_declaration: 'names',
  user_defined_function: 'names',
};
const builtInTypes = ['resourceInput', 'resourceOutput', 'any', 'sys', 'az'];
const problems = [];
const files = new Map();

for (const file of process.argv.slice(2)) {
  const { root, declared } = read(resolve(file));
  for (const node of broken(root)) {
    report(file, node, node.isMissing ? `${node.type} is missing` : `not understood: ${node.text.split('\n')[0].slice(0, 60)}`);
  }

  if (!root.hasError) {
    checkNames(file, root, declared);
    all(root, 'module_declaration').forEach((module) => checkModule(file, root, module));
  }
}

console.log(problems.length > 0 ? problems.join('\n') : `${process.argv.length - 2} files are well formed.`);
process.exitCode = problems.length > 0 ? 1 : 0;

function read(file) {
  if (!files.has(file)) {
    const root = parser.parse(readFileSync(file, 'utf8')).rootNode;
    const declared = { parameters: new Map(), outputs: new Set(), names: new Set() };
    for (const [type, kind] of Object.entries(declarations)) {
      for (const node of all(root, type)) {
        const name = node.namedChildren.find((child) => child.type === 'identifier' || child.type === 'compatible_identifier').text;
        if (kind === 'parameters') {
          // A default follows the type; what may be null need not be given either.
          const isRequired = !node.children.some((child) => child.type === '=') && all(node, 'nullable_type').length === 0;
          declared.parameters.set(name, { isRequired });
        } else {
          declared[kind].add(name);
        }
      }
    }

    files.set(file, { root, declared });
  }

  return files.get(file);
}

function checkNames(file, root, { parameters, names }) {
  const local = new Set([...parameters.keys(), ...names, ...builtInTypes]);
  for (const statement of all(root, 'for_statement')) {
    // "x in xs", or "(x, index) in xs".
    const variables = ['loop_variable', 'loop_enumerator'].flatMap((type) => all(statement.namedChildren[0], type));
    [statement.namedChildren[0], ...variables].forEach((node) => local.add(node.text));
  }

  for (const lambda of all(root, 'lambda_expression')) {
    all(lambda.namedChildren[0], 'identifier').forEach((node) => local.add(node.text));
  }

  for (const node of all(root, 'parameter')) {
    local.add(node.namedChildren[0].text);
  }

  for (const node of all(root, 'import_statement').concat(all(root, 'import_functionality'))) {
    all(node, 'identifier').forEach((name) => local.add(name.text));
  }

  for (const node of all(root, 'identifier')) {
    const parent = node.parent;
    const isFirst = parent.namedChildren[0].id === node.id;
    const isName = isFirst && (parent.type === 'object_property' || parent.type === 'call_expression' || parent.type in declarations);
    if (!isName && !local.has(node.text)) {
      report(file, node, `nothing here is called ${node.text}`);
    }
  }

  const text = all(root, 'identifier').map((node) => node.text);
  for (const name of parameters.keys()) {
    if (text.filter((used) => used === name).length < 2) {
      report(file, root, `parameter ${name} is not used`);
    }
  }
}

function checkModule(file, root, module) {
  const name = module.namedChildren[0].text;
  const path = module.namedChildren[1].text.slice(1, -1);
  if (!path.endsWith('.bicep')) {
    return;
  }

  const target = resolve(dirname(file), path);
  if (!existsSync(target)) {
    report(file, module, `there is no ${path}`);
    return;
  }

  const { parameters, outputs } = read(target).declared;
  const given = new Map(properties(properties(all(module, 'object')[0]).get('params')));
  for (const parameter of given.keys()) {
    if (!parameters.has(parameter)) {
      report(file, given.get(parameter), `${path} has no parameter ${parameter}`);
    }
  }

  for (const [parameter, { isRequired }] of parameters) {
    if (isRequired && !given.has(parameter)) {
      report(file, module, `${path} needs parameter ${parameter}`);
    }
  }

  for (const [, output] of root.text.matchAll(new RegExp(`\\b${name}(?:\\[\\w+\\])?[!?]?\\.outputs\\.(\\w+)`, 'g'))) {
    if (!outputs.has(output)) {
      report(file, module, `${path} has no output ${output}`);
    }
  }
}

/** By name, the values of an object. */
function properties(object) {
  const pairs = object?.type === 'object' ? object.namedChildren.filter((child) => child.type === 'object_property') : [];
  return new Map(pairs.map((pair) => [pair.namedChildren[0].text.replaceAll("'", ''), pair.namedChildren[1]]));
}

function all(node, type) {
  return node.descendantsOfType(type).filter((found) => found !== null);
}

function broken(node) {
  if (!node.hasError) {
    return [];
  }

  const below = node.children.flatMap(broken);
  return node.isError || node.isMissing ? [node] : below;
}

function report(file, node, what) {
  problems.push(`${relative('', file)}:${node.startPosition.row + 1}:${node.startPosition.column + 1}: ${what}`);
}
