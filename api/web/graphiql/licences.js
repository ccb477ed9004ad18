// Writes assets/LICENCES.txt: the packages that went into the bundle, their versions and licences.
// Then assets/SHA256SUMS, by which a test sees that nobody edited the bundle by hand.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const inputs = Object.keys(JSON.parse(readFileSync("node_modules/bundle.json")).inputs);
const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const folders = [...new Set(inputs.map((path) => folder.exec(path)?.[1]).filter(Boolean))].sort();

const entries = folders.map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`));
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file && existsSync(`${path}/${file}`) ? readFileSync(`${path}/${file}`, "utf8") : "";
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
});
writeFileSync("assets/LICENCES.txt", entries.join(`\n${"-".repeat(72)}\n\n`));

const sums = ["page.css", "page.js"].map((name) => {
  const digest = createHash("sha256").update(readFileSync(`assets/${name}`)).digest("hex");
  return `${digest}  ${name}\n`;
});
writeFileSync("assets/SHA256SUMS", sums.join(""));
