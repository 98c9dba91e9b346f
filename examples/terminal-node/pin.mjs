// The functions of the PIN for terminal.mjs: verify, change, reload and unblock, by PSAM and in steps by encryptor.
// A keypad of 4 to 12 digits. PINs live in local names only and go nowhere but to the card (and, in a reload by
// encryptor, to the caller, who passes the new one on).

const INITIAL = "123456";
const [LEAST, MOST] = [4, 12];
const NO_ENTRY = { cancelled: -31, timeout: -32 };
const RELOAD = "01";
const UNBLOCK = "00";

const bcd = (pin) => (pin.length % 2 ? pin + "F" : pin);
const byte = (number) => number.toString(16).toUpperCase().padStart(2, "0");
const withLength = (data) => byte(data.length / 2) + data;
const marked = (data, block) => (data + "80").padEnd(Math.ceil((data.length + 2) / block) * block, "0");

export function pinFunctions({ ask, send, must, challenge, begin, proved, deliver, samProof, text, blockOf, Failure, sendsAgain }) {
  let waiting = null; // the step that may follow, and its card

  async function entered(prompt) {
    const { pin, error } = await ask({ ask: "pin", prompt });
    if (pin === undefined) throw new Failure(NO_ENTRY[error] ?? -13);
    if (!/^\d*$/.test(pin)) throw new Failure(-23);
    if (pin.length < LEAST || pin.length > MOST) throw new Failure(-33);
    return pin;
  }

  async function newPin() {
    const pin = await entered("new");
    if ((await entered("again")) !== pin) throw new Failure(-34);
    return pin;
  }

  // Once, whatever the card says.
  async function present(card, apdu) {
    let { sw } = await send(card.slot, apdu);
    if (sendsAgain && sw !== "9000") ({ sw } = await send(card.slot, apdu));
    if (sw === "9000") return;
    if (sw.startsWith("63C")) throw new Failure(-51, `wrong PIN, ${parseInt(sw[3], 16)} tries left`);
    throw new Failure(sw === "6983" ? -52 : -parseInt(sw, 16));
  }

  async function iVerifyPIN({ iType }) {
    const { card } = await proved(iType);
    await present(card, "00200000" + withLength(bcd(await entered("enter"))));
    return "";
  }

  async function iChangePIN({ iType }) {
    const { card } = await proved(iType);
    const old = await entered("enter");
    const pin = await newPin();
    if (pin === INITIAL) throw new Failure(-36);
    await present(card, "805E0100" + withLength(bcd(old) + "FF" + bcd(pin)));
    return "";
  }

  // --- by PSAM ---

  function compare(card, pCardInfo) {
    const own = `${card.items["01"]}|${text(card.items["07"])}|`;
    if (pCardInfo.toUpperCase() !== own.toUpperCase()) throw new Failure(-22);
  }

  // The PSAM's session key serves one computation.
  async function computed(card, random, p1, data) {
    if (!(await deliver(card, "STK", random))) throw new Failure(-27272);
    return must("psam", "80FA" + p1 + "00" + withLength(data));
  }

  async function secured(card, p2, plain) {
    const original = await challenge("psam");
    const proof = await samProof(card, "PUK", await challenge(card.slot), original);
    if (proof === null) throw new Failure(-27272);
    await must(card.slot, "00820006" + withLength(proof + original));
    const random = await challenge(card.slot);
    const cipher = plain === "" ? "" : await computed(card, random, "00", plain);
    const head = "842400" + p2 + byte(cipher.length / 2 + 4);
    const block = blockOf(card);
    const mac = await computed(card, random, "05", "0".repeat(block) + marked(head + cipher, block));
    await must(card.slot, head + cipher + mac.slice(0, 8));
  }

  async function iReloadPIN({ iType, pCardInfo }) {
    const { card } = await proved(iType);
    compare(card, pCardInfo);
    const plain = withLength(bcd(await newPin()));
    const block = blockOf(card);
    await secured(card, RELOAD, plain.length === block ? plain : marked(plain, block));
    return "";
  }

  async function iUnblockPIN({ iType, pCardInfo }) {
    const { card } = await proved(iType);
    compare(card, pCardInfo);
    await secured(card, UNBLOCK, "");
    return "";
  }

  // --- by encryptor ---

  function turn(name) {
    const found = waiting;
    waiting = null;
    if (found?.name !== name) throw new Failure(-13);
    return found.card;
  }

  const string = (...fields) => fields.map((field) => field + "|").join("");
  const headOf = (card, p2) => "842400" + p2 + byte(4 + (p2 === RELOAD ? blockOf(card) / 2 : 0));

  const steps = (name, p2) => ({
    [`${name}_HSM_Step1`]: async ({ iType, pCardInfo }) => {
      waiting = null;
      const card = await begin(iType);
      compare(card, pCardInfo);
      const original = await challenge(card.slot);
      const factor = await challenge(card.slot);
      waiting = { name: `${name}_HSM_Step2`, card };
      return string(card.algorithm, "0090", factor, original);
    },
    [`${name}_HSM_Step2`]: async ({ pKey }) => {
      const card = turn(`${name}_HSM_Step2`);
      const [, proof] = /^([\dA-F]{32})\|$/i.exec(pKey) ?? [];
      if (proof === undefined) throw new Failure(-23);
      await must(card.slot, "00820006" + withLength(proof.toUpperCase()));
      const pin = p2 === RELOAD ? await newPin() : "";
      waiting = { name: `${name}_HSM_Step3`, card };
      return string(card.algorithm, "0173", await challenge(card.slot), headOf(card, p2), pin);
    },
    [`${name}_HSM_Step3`]: async ({ pKey }) => {
      const card = turn(`${name}_HSM_Step3`);
      const head = headOf(card, p2);
      const given = pKey.replace(/\|$/, "").toUpperCase();
      const whole = given.startsWith(head) ? given : head + given;
      const fits = whole.length === head.length + 2 * parseInt(head.slice(8), 16);
      if (!/^[\dA-F]*$/.test(whole) || !fits) throw new Failure(-23);
      await must(card.slot, whole);
      return "";
    },
  });

  return {
    iVerifyPIN, iChangePIN, iReloadPIN, iUnblockPIN,
    ...steps("iReloadPIN", RELOAD),
    ...steps("iUnblockPIN", UNBLOCK),
  };
}
