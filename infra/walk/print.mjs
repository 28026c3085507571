// The output of the story: lines of text, chapters, colours.

export const width = 96;

const paint = (code) => (text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
export const [bold, dim, cyan, green, red] = ["1", "2", "36", "32", "31"].map(paint);

const plain = (text) => text.replace(/\x1b\[\d+m/g, "");

// wrap breaks a text into lines, at blanks and, in JSON, after commas.
export function wrap(text, room = width - 2, at = /(?<=\s)|(?<=,)(?=")/) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const piece of paragraph.split(at)) {
      if (line && plain(line + piece).trimEnd().length > room) {
        lines.push(line.trimEnd());
        line = "";
      }
      line += piece;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

export const print = (lines, before = "", rest = before, colour = (text) => text) =>
  lines.forEach((line, i) => console.log(colour(((i ? rest : before) + line).trimEnd())));

let chapters = 0;
export function chapter(title, text) {
  console.log(`\n\n${bold(`${++chapters}. ${title}`)}\n`);
  print(wrap(text, width));
}
export const tell = (text) => {
  console.log();
  print(wrap(text, width));
};
