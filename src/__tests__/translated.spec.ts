/// <reference types="node" />
import { readFileSync, readdirSync } from 'fs';
import { join } from 'path';
import ts from 'typescript';

const ROOMS = ['widgets', 'review'];

/**
 * Attributes that a person reads or hears.
 */
const SAID = new Set([
  'title',
  'alt',
  'label',
  'placeholder',
  'note',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext'
]);

/**
 * The literals of a component that a person reads as they stand in the source.
 */
function untranslated(name: string, source: string): string[] {
  const file = ts.createSourceFile(
    name,
    source,
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX
  );
  const found: string[] = [];
  const note = (node: ts.Node, text: string): void => {
    if (/\p{L}/u.test(text)) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${name}:${line + 1}: ${text.trim()}`);
    }
  };
  /** What an expression may put on the page, but for calls and variables. */
  const literals = (node: ts.Node | undefined): void => {
    if (!node) {
      return;
    }
    if (ts.isStringLiteralLike(node)) {
      note(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      note(node, node.head.text);
      node.templateSpans.forEach(span => note(span, span.literal.text));
    } else if (ts.isConditionalExpression(node)) {
      literals(node.whenTrue);
      literals(node.whenFalse);
    } else if (ts.isParenthesizedExpression(node)) {
      literals(node.expression);
    } else if (ts.isBinaryExpression(node)) {
      literals(node.right);
      if (node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
        literals(node.left);
      }
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) {
      note(node, node.text);
    } else if (ts.isJsxAttribute(node)) {
      if (SAID.has(node.name.getText())) {
        const { initializer } = node;
        literals(
          initializer && ts.isJsxExpression(initializer)
            ? initializer.expression
            : initializer
        );
      }
    } else if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) {
      literals(node.expression);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('what a person reads', () => {
  it.each([
    ['<p>Hello</p>', ['x.tsx:1: Hello']],
    ['<p title="Hello" />', ['x.tsx:1: Hello']],
    ['<p aria-label={a ? "Yes" : b} />', ['x.tsx:1: Yes']],
    ['<p>{n > 1 && "cells"}</p>', ['x.tsx:1: cells']],
    ['<p>{`${n} cells`}</p>', ['x.tsx:1: cells']],
    ['<p className="x" title={trans.__("Hello")}>{n} · {"1"}</p>', []]
  ])('is found where it is not translated: %s', (source, found) => {
    expect(untranslated('x.tsx', `const x = ${source};`)).toEqual(found);
  });

  it('is translated in every component', () => {
    const src = join(__dirname, '..');
    const files = ROOMS.flatMap(room =>
      readdirSync(join(src, room))
        .filter(name => name.endsWith('.tsx'))
        .map(name => join(room, name))
    );
    expect(files.length).toBeGreaterThan(20);
    expect(
      files.flatMap(name =>
        untranslated(name, readFileSync(join(src, name), 'utf8'))
      )
    ).toEqual([]);
  });
});
