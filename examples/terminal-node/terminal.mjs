// A small read-write terminal in another language than the tester's: iReadCardBas, iReadCardBas_HSM_Step1/Step2 and the
// functions of the PIN (pin.mjs) over the command protocol (docs/kinds/terminal-command.md). It holds no key and does no cryptography: PSAM and encryptor do.
//
//   onecard certify terminal --target "command:node examples/terminal-node/terminal.mjs" ...
//
// --broken leaves out one step that real products leave out: nothing compares the card's authentication data.
// --pin-again plants another fault: a refused PIN is sent to the card once more.
// --gaps plants a third: the status words of READ RECORD are not looked at, and what the card refuses is left empty.

import { createInterface } from "node:readline";

import { pinFunctions } from "./pin.mjs";

const BROKEN = process.argv.includes("--broken");
const PIN_AGAIN = process.argv.includes("--pin-again");
const GAPS = process.argv.includes("--gaps");
const DEVICE_NUMBER = "NODE-TERMINAL-1";

const SSSE = "7378312E73682EC9E7BBE1B1A3D5CF";
const SAM_APPLICATION = "D15600000590";
const SAM_ENVIRONMENTS = { "01": SSSE, "03": "7378332E73682EC9E7BBE1B1A3D5CF" };
const BLOCK = { "01": 16, "03": 32 }; // hexadecimal digits of a block
const SEARCH = { 1: ["card"], 2: ["contactless"], 3: ["card", "contactless"], 4: ["contactless", "card"] };
const NO_TERMINAL = "000000000000";
const USAGES = ["67", "47", "27"]; // three, two, one level of diversification
const PROVINCE_USAGES = ["48", "28"];
const KEYS = { IRK: ["08", USAGES], RKSSSE: ["0A", USAGES], PUK: ["10", PROVINCE_USAGES], STK: ["09", PROVINCE_USAGES] };
const CARD_CLASSES = ["1", "2", "3", "4"];
const LENGTHS = { "01": 16, "02": 1, "03": 4, "04": 12, "05": 4, "06": 4, "07": 9, "08": 18, "09": 30, "4E": 20 };

class Failure extends Error {
  constructor(code, text = `return code ${code}`) {
    super(text);
    this.code = code;
  }
}

// --- the wire: one JSON object a line ---

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })[Symbol.asyncIterator]();
let id = 0;

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

async function ask(question) {
  say({ id, ...question });
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value).answer;
}

async function powerOn(slot) {
  const answer = await ask({ ask: "power-on", slot });
  if (answer.error === "disconnected") throw new Failure(-12);
  return answer.atr ?? null;
}

// The bytes that T0 counts, at the end; a TCK follows them where a TD announces another protocol than T=0.
function historicalOf(atr) {
  const octets = Buffer.from(atr, "hex");
  let [announced, at, closed] = [octets[1], 1, 0];
  while (announced & 0x80) {
    for (const bit of [0x10, 0x20, 0x40, 0x80]) at += announced & bit ? 1 : 0;
    announced = octets[at];
    if (announced & 0x0f) closed = 1;
  }
  const end = octets.length - closed;
  return octets.subarray(end - (octets[1] & 0x0f), end).toString("hex").toUpperCase();
}

async function exchange(slot, apdu) {
  const answer = await ask({ transmit: { slot, apdu } });
  if (answer.response === undefined) throw new Failure(-2);
  return { data: answer.response.slice(0, -4), sw: answer.response.slice(-4) };
}

// T=0: 61xx announces data, 6Cxx names the right Le.
async function send(slot, apdu) {
  let { data, sw } = await exchange(slot, apdu);
  if (sw.startsWith("6C") && apdu.length === 10) ({ data, sw } = await exchange(slot, apdu.slice(0, 8) + sw.slice(2)));
  while (sw.startsWith("61")) {
    const more = await exchange(slot, "00C00000" + sw.slice(2));
    data += more.data;
    sw = more.sw;
  }
  return { data, sw };
}

async function must(slot, apdu) {
  const { data, sw } = await send(slot, apdu);
  if (sw !== "9000") throw new Failure(-parseInt(sw, 16));
  return data;
}

// --- hexadecimal ---

const byte = (number) => number.toString(16).toUpperCase().padStart(2, "0");
const ascii = (text) => Buffer.from(text, "ascii").toString("hex").toUpperCase();
const withLength = (data) => byte(data.length / 2) + data;
const stripped = (hex) => hex.replace(/(00|FF)+$/, "");
const text = (hex) => new TextDecoder("gb18030").decode(Buffer.from(stripped(hex), "hex"));

function xorHalves(block) {
  if (block.length === 16) return block;
  if (block.length !== 32) throw new Failure(-4); // a PSAM that does not answer what it was asked
  const halves = [block.slice(0, 16), block.slice(16)].map((half) => BigInt("0x" + half));
  return (halves[0] ^ halves[1]).toString(16).toUpperCase().padStart(16, "0");
}

// --- the card ---

async function findCard(iType) {
  const slots = SEARCH[iType];
  if (slots === undefined) throw new Failure(-14);
  for (const slot of slots) {
    const atr = await powerOn(slot);
    if (atr !== null && !/^3[BF]/.test(atr)) throw new Failure(-4);
    if (atr !== null) return { slot, historical: historicalOf(atr), items: {} };
  }
  throw new Failure(-2);
}

async function readItems(card, file, tags) {
  await must(card.slot, "00A4020002" + file);
  for (const tag of tags) {
    const { data, sw } = await send(card.slot, `00B2${tag}00${byte(LENGTHS[tag] + 2)}`);
    if (sw === "6A83" && tag === "4E") continue; // first-generation cards have no extension of the name
    if (sw !== "9000" && GAPS) {
      card.items[tag] = "";
      continue;
    }
    if (sw !== "9000") throw new Failure(-parseInt(sw, 16));
    if (data.slice(0, 4) !== tag + byte(LENGTHS[tag]) || data.length !== 2 * LENGTHS[tag] + 4) throw new Failure(-1);
    card.items[tag] = data.slice(4);
  }
}

async function begin(iType) {
  const card = await findCard(iType);
  const fci = await must(card.slot, "00A40400" + withLength(SSSE));
  card.algorithm = /9F0C..8601(..)/.exec(fci)?.[1] ?? "01";
  await readItems(card, "EF05", ["01", "02", "03", "04", "05", "06", "07"]);
  const identification = card.items["01"];
  if (!/^\d{6}D156000005/.test(identification)) throw new Failure(-20);
  card.region = identification.slice(0, 6);
  card.thirdGeneration = text(card.items["03"]).startsWith("3");
  return card;
}

async function checkValidity(card, genuine) {
  if (!genuine) throw new Failure(-21);
  const known = /^[123]/.test(text(card.items["03"])) && CARD_CLASSES.includes(text(card.items["02"]));
  const { clock } = await ask({ ask: "clock" });
  const valid = known && card.items["04"].startsWith("9156000002") && clock.slice(0, 8) <= card.items["06"];
  if (!valid) throw new Failure(-1);
}

const challenge = (slot) => must(slot, "0084000008");

async function basicData(card, terminal) {
  await readItems(card, "EF06", ["08", "09", "4E"]);
  const item = card.items;
  const name = text(stripped(item["09"]) + stripped(item["4E"] ?? ""));
  const fields = [
    card.region, text(item["08"]), text(item["07"]), item["01"], name, card.historical,
    text(item["03"]), item["05"], item["06"], terminal, DEVICE_NUMBER,
  ];
  return fields.map((field) => field + "|").join("");
}

// --- the PSAM ---

async function terminalNumber() {
  if ((await powerOn("psam")) === null) return null;
  await must("psam", "00A40000023F00");
  await must("psam", "00A40000020016");
  return must("psam", "00B0000006");
}

async function openSam(algorithm) {
  const environment = SAM_ENVIRONMENTS[algorithm];
  if (environment === undefined) throw new Failure(-2202);
  for (const name of [environment, SAM_APPLICATION]) {
    const { sw } = await send("psam", "00A40400" + withLength(name));
    if (sw !== "9000") throw new Failure(-2202);
  }
}

// Delivers the session key of `random`; false when the PSAM lacks the key.
async function deliver(card, key, random) {
  const factors = [card.historical.slice(10), ascii(card.region + "sx"), ascii(card.region.slice(0, 2) + "0000sh")];
  const block = BLOCK[card.algorithm];
  const [number, usages] = KEYS[key];
  for (const usage of usages) {
    const levels = parseInt(usage, 16) >> 5;
    const data = factors.slice(0, levels).join("") + random.padEnd(block, "0");
    const { sw } = await send("psam", "BFDE" + usage + number + withLength(data));
    if (sw === "9000") return true;
    if (sw !== "6A80" && sw !== "6A88") return false;
  }
  return false;
}

// Authentication data over `original` under the session key of `random`; null when the PSAM lacks the key.
async function samProof(card, key, random, original) {
  if (!(await deliver(card, key, random))) return null;
  return xorHalves(await must("psam", "80FA0000" + withLength(original.padEnd(BLOCK[card.algorithm], "0"))));
}

// --- the functions ---

let session = null;

// A card that has proved itself by the PSAM and is valid.
async function proved(iType) {
  session = null;
  const card = await begin(iType);
  const terminal = await terminalNumber();
  if (terminal === null) throw new Failure(-2201);
  await openSam(card.algorithm);
  const [random, original] = [await challenge("psam"), await challenge("psam")];
  const expected = await samProof(card, "IRK", random, original);
  if (expected === null) throw new Failure(-27272);
  const proof = await must(card.slot, "00880000" + withLength(random + original));
  await checkValidity(card, BROKEN || proof === expected);
  return { card, terminal };
}

async function iReadCardBas({ iType }) {
  const { card, terminal } = await proved(iType);
  if (card.thirdGeneration) {
    const datum = await challenge("psam");
    const external = await samProof(card, "RKSSSE", await challenge(card.slot), datum);
    if (external === null) throw new Failure(-2203);
    await must(card.slot, "0082000A" + withLength(external + datum));
  }
  return basicData(card, terminal);
}

async function iReadCardBas_HSM_Step1({ iType }) {
  session = null;
  const card = await begin(iType);
  const original = await challenge(card.slot);
  const random = await challenge(card.slot);
  const proof = await must(card.slot, "00880000" + withLength(random + original));
  const external = card.thirdGeneration ? [await challenge(card.slot), await challenge(card.slot)] : ["", ""];
  session = { card, proof };
  const fields = [card.region, card.historical, card.algorithm, card.items["01"], random, original, external[1], external[0]];
  return fields.map((field) => field + "|").join("");
}

async function iReadCardBas_HSM_Step2({ pKey }) {
  if (session === null) throw new Failure(-13);
  const { card, proof } = session;
  session = null;
  const form = card.thirdGeneration ? /^([\dA-F]{32})\|([\dA-F]{32})\|$/i : /^([\dA-F]{32})\|\|?$/i;
  const parts = form.exec(pKey);
  if (parts === null) throw new Failure(-23);
  await checkValidity(card, BROKEN || proof === parts[1].slice(0, 16).toUpperCase());
  if (card.thirdGeneration) await must(card.slot, "0082000A" + withLength(parts[2].toUpperCase()));
  return basicData(card, (await terminalNumber()) ?? NO_TERMINAL);
}

const blockOf = (card) => BLOCK[card.algorithm];
const PIN_FUNCTIONS = pinFunctions({
  ask, send, must, challenge, begin, proved, deliver, samProof, text, blockOf, Failure, sendsAgain: PIN_AGAIN,
});
const FUNCTIONS = { iReadCardBas, iReadCardBas_HSM_Step1, iReadCardBas_HSM_Step2, ...PIN_FUNCTIONS };

async function call({ call: name, args }) {
  const wanted = FUNCTIONS[name];
  if (wanted === undefined) return { return: -13, out: "unknown function" };
  try {
    return { return: 0, out: await wanted(args) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { return: error.code, out: error.message };
  }
}

say({ protocol: 1, name: "onecard example terminal (Node.js)" });
for (;;) {
  const { value, done } = await lines.next();
  if (done) break;
  const request = JSON.parse(value);
  id = request.id;
  say({ id, ...(await call(request)) });
}
