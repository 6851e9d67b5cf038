// Answers for lines of JSON {events, version} whether the version is affected, by the
// evaluation algorithm of the OSV schema and the order of node-semver.
const semver = require(process.argv[2]);
for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
  if (!line) continue;
  const { events, version } = JSON.parse(line);
  const at = (e) => Object.values(e)[0];
  const kind = (e) => Object.keys(e)[0];
  const first = (e) => kind(e) === "introduced" && at(e) === "0";
  const sorted = [...events].sort((a, b) => first(a) ? (first(b) ? 0 : -1) : first(b) ? 1 : semver.compare(at(a), at(b)));
  let vulnerable = false;
  for (const e of sorted) {
    if (kind(e) === "introduced" && (first(e) || semver.gte(version, at(e)))) vulnerable = true;
    if (kind(e) === "fixed" && semver.gte(version, at(e))) vulnerable = false;
    if (kind(e) === "last_affected" && semver.gt(version, at(e))) vulnerable = false;
  }
  console.log(vulnerable);
}
