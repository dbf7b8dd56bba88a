// Reads [{"name","language","text"}] from standard input and prints what is wrong, a line each: nothing where all is well.
// Languages: bicep, terraform, hcl, yaml.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Language, Parser } from "web-tree-sitter";
import { parseDocument } from "yaml";

const require = createRequire(import.meta.url);
const grammars = {
  bicep: ["tree-sitter-bicep", "tree-sitter-bicep.wasm"],
  terraform: ["@tree-sitter-grammars/tree-sitter-hcl", "tree-sitter-terraform.wasm"],
  hcl: ["@tree-sitter-grammars/tree-sitter-hcl", "tree-sitter-hcl.wasm"],
};

await Parser.init();
const parsers = {};
async function parserOf(language) {
  if (!parsers[language]) {
    const [name, file] = grammars[language];
    parsers[language] = new Parser();
    parsers[language].setLanguage(await Language.load(join(dirname(require.resolve(`${name}/package.json`)), file)));
  }
  return parsers[language];
}

function* faults(node) {
  if (node.isError || node.isMissing) {
    yield `line ${node.startPosition.row + 1}: ${JSON.stringify(node.text.slice(0, 80))}`;
  } else if (node.hasError) {
    for (const child of node.children) {
      yield* faults(child);
    }
  }
}

for (const { name, language, text } of JSON.parse(readFileSync(0, "utf8"))) {
  if (language === "yaml") {
    // Tags of another program's (!host) are fine, and what they mean is for that program.
    const document = parseDocument(text, { logLevel: "error" });
    document.errors.forEach((error) => console.log(`${name}: ${error.message}`));
    continue;
  }
  const tree = (await parserOf(language)).parse(text);
  for (const fault of faults(tree.rootNode)) {
    console.log(`${name}: ${fault}`);
  }
}
