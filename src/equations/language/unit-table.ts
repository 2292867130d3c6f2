/**
 * Units by name, in groups of one dimension that take the same prefixes: the prefixes, the exponents of mass, length, time,
 * current, temperature, luminous intensity, amount, angle and bit, then names with their value in SI and, for a scale of
 * temperature, the value of its zero. Names, values and prefixes are those of mathjs, with which the tests compare them.
 */
const GROUPS = `
long | 0 1 0 0 0 0 0 0 0 |
  meter 1, meters 1
none | 0 1 0 0 0 0 0 0 0 |
  inch 0.0254, foot 0.3048, yard 0.9144, mile 1609.344, link 0.201168, rod 5.0292, chain 20.1168, angstrom 1e-10,
  in 0.0254, ft 0.3048, yd 0.9144, mi 1609.344, li 0.201168, rd 5.02921, ch 20.1168, mil 0.0000254, inches 0.0254,
  feet 0.3048, yards 0.9144, miles 1609.344, links 0.201168, rods 5.0292, chains 20.1168, angstroms 1e-10
short | 0 1 0 0 0 0 0 0 0 |
  m 1
squared | 0 2 0 0 0 0 0 0 0 |
  m2 1
none | 0 2 0 0 0 0 0 0 0 |
  sqin 0.00064516, sqft 0.09290304, sqyd 0.83612736, sqmi 2589988.110336, sqrd 25.29295, sqch 404.6873,
  sqmil 6.4516e-10, acre 4046.86, hectare 10000, acres 4046.86, hectares 10000, sqfeet 0.09290304,
  sqyard 0.83612736, sqmile 2589988.110336, sqmiles 2589988.110336
cubed | 0 3 0 0 0 0 0 0 0 |
  m3 1
short | 0 3 0 0 0 0 0 0 0 |
  L 0.001, l 0.001, lt 0.001
long | 0 3 0 0 0 0 0 0 0 |
  litre 0.001, litres 0.001, liter 0.001, liters 0.001
none | 0 3 0 0 0 0 0 0 0 |
  cuin 0.000016387064, cuft 0.028316846592, cuyd 0.764554857984, teaspoon 0.000005, tablespoon 0.000015,
  drop 5e-8, gtt 5e-8, minim 6.1611519921875e-8, fluiddram 0.0000036966911953125, fluidounce 0.0000295735295625,
  gill 0.00011829411825, cc 0.000001, cup 0.0002365882365, pint 0.000473176473, quart 0.000946352946,
  gallon 0.003785411784, beerbarrel 0.117347765304, oilbarrel 0.158987294928, hogshead 0.238480942392,
  teaspoons 0.000005, tablespoons 0.000015, minims 6.1611519921875e-8, fldr 0.0000036966911953125,
  fluiddrams 0.0000036966911953125, floz 0.0000295735295625, fluidounces 0.0000295735295625, gi 0.00011829411825,
  gills 0.00011829411825, cp 0.0002365882365, cups 0.0002365882365, pt 0.000473176473, pints 0.000473176473,
  qt 0.000946352946, quarts 0.000946352946, gal 0.003785411784, gallons 0.003785411784, bbl 0.117347765304,
  beerbarrels 0.117347765304, obl 0.158987294928, oilbarrels 0.158987294928, hogsheads 0.238480942392, gtts 5e-8
short | 1 0 0 0 0 0 0 0 0 |
  g 0.001, ton 907.18474, t 1000, tons 907.18474
long | 1 0 0 0 0 0 0 0 0 |
  gram 0.001, tonne 1000, grams 0.001, tonnes 1000
none | 1 0 0 0 0 0 0 0 0 |
  grain 0.00006479891, dram 0.0017718451953125, ounce 0.028349523125, poundmass 0.45359237,
  hundredweight 45.359237, stick 0.115, stone 6.35029318, gr 0.00006479891, dr 0.0017718451953125,
  oz 0.028349523125, lbm 0.45359237, cwt 45.359237, grains 0.00006479891, drams 0.0017718451953125,
  ounces 0.028349523125, poundmasses 0.45359237, hundredweights 45.359237, sticks 0.115, lb 0.45359237,
  lbs 0.45359237
short | 0 0 1 0 0 0 0 0 0 |
  s 1
none | 0 0 1 0 0 0 0 0 0 |
  min 60, h 3600, minute 60, hour 3600, day 86400, week 604800, month 2629800, year 31557600, decade 315576000,
  century 3155760000, millennium 31557600000, minutes 60, mins 60, hours 3600, hr 3600, hrs 3600, days 86400,
  weeks 604800, months 2629800, years 31557600, decades 315576000, centuries 3155760000, millennia 31557600000
long | 0 0 1 0 0 0 0 0 0 |
  second 1, sec 1, seconds 1, secs 1
long | 0 0 -1 0 0 0 0 0 0 |
  hertz 1
short | 0 0 -1 0 0 0 0 0 0 |
  Hz 1
short | 0 0 0 0 0 0 0 1 0 |
  rad 1, deg 0.017453292519943295, grad 0.015707963267948967
long | 0 0 0 0 0 0 0 1 0 |
  radian 1, degree 0.017453292519943295, gradian 0.015707963267948967, radians 1, degrees 0.017453292519943295,
  gradians 0.015707963267948967
none | 0 0 0 0 0 0 0 1 0 |
  cycle 6.283185307179586, arcsec 0.00000484813681109536, arcmin 0.0002908882086657216, cycles 6.283185307179586,
  arcsecond 0.00000484813681109536, arcseconds 0.00000484813681109536, arcminute 0.0002908882086657216,
  arcminutes 0.0002908882086657216
short | 0 0 0 1 0 0 0 0 0 |
  A 1
long | 0 0 0 1 0 0 0 0 0 |
  ampere 1, amperes 1, amps 1, amp 1
short | 0 0 0 0 1 0 0 0 0 |
  K 1, degC 1 273.15, degF 0.5555555555555556 459.67, degR 0.5555555555555556
long | 0 0 0 0 1 0 0 0 0 |
  kelvin 1, celsius 1 273.15, fahrenheit 0.5555555555555556 459.67, rankine 0.5555555555555556
short | 0 0 0 0 0 0 1 0 0 |
  mol 1
long | 0 0 0 0 0 0 1 0 0 |
  mole 1, moles 1
short | 0 0 0 0 0 1 0 0 0 |
  cd 1
long | 0 0 0 0 0 1 0 0 0 |
  candela 1
short | 1 1 -2 0 0 0 0 0 0 |
  N 1, dyn 0.00001
long | 1 1 -2 0 0 0 0 0 0 |
  newton 1, dyne 0.00001, kip 4448.2216, kips 4448.2216
none | 1 1 -2 0 0 0 0 0 0 |
  lbf 4.4482216152605, poundforce 4.4482216152605, kilogramforce 9.80665, kgf 9.80665
short | 1 2 -2 0 0 0 0 0 0 |
  J 1, Wh 3600, eV 1.602176565e-19
long | 1 2 -2 0 0 0 0 0 0 |
  joule 1, electronvolt 1.602176565e-19, joules 1, electronvolts 1.602176565e-19
both | 1 2 -2 0 0 0 0 0 0 |
  erg 1e-7
million | 1 2 -2 0 0 0 0 0 0 |
  BTU 1055.05585262, BTUs 1055.05585262
short | 1 2 -3 0 0 0 0 0 0 |
  W 1, VA 1
long | 1 2 -3 0 0 0 0 0 0 |
  watt 1, watts 1
none | 1 2 -3 0 0 0 0 0 0 |
  hp 745.6998715386
short | 1 -1 -2 0 0 0 0 0 0 |
  Pa 1
none | 1 -1 -2 0 0 0 0 0 0 |
  psi 6894.75729276459, atm 101325, torr 133.322, mmHg 133.322, mmH2O 9.80665, cmH2O 98.0665, mmhg 133.322,
  mmh2o 9.80665, cmh2o 98.0665
both | 1 -1 -2 0 0 0 0 0 0 |
  bar 100000
long | 0 0 1 1 0 0 0 0 0 |
  coulomb 1, coulombs 1
short | 0 0 1 1 0 0 0 0 0 |
  C 1, Ah 3600
long | -1 -2 4 2 0 0 0 0 0 |
  farad 1, farads 1
short | -1 -2 4 2 0 0 0 0 0 |
  F 1
long | 1 2 -3 -1 0 0 0 0 0 |
  volt 1, volts 1
short | 1 2 -3 -1 0 0 0 0 0 |
  V 1
both | 1 2 -3 -2 0 0 0 0 0 |
  ohm 1, ohms 1
long | 1 2 -2 -2 0 0 0 0 0 |
  henry 1
short | 1 2 -2 -2 0 0 0 0 0 |
  H 1
long | -1 -2 3 2 0 0 0 0 0 |
  siemens 1
short | -1 -2 3 2 0 0 0 0 0 |
  S 1
long | 1 2 -2 -1 0 0 0 0 0 |
  weber 1, webers 1
short | 1 2 -2 -1 0 0 0 0 0 |
  Wb 1
long | 1 0 -2 -1 0 0 0 0 0 |
  tesla 1, teslas 1
short | 1 0 -2 -1 0 0 0 0 0 |
  T 1
binaryShort | 0 0 0 0 0 0 0 0 1 |
  b 1, B 8
binaryLong | 0 0 0 0 0 0 0 0 1 |
  bits 1, bytes 8, bit 1, byte 8
`;

export interface NamedUnit {
  /** In SI. */
  readonly value: number;
  readonly exponents: readonly number[];
  readonly prefixes: ReadonlyMap<string, number>;
  /** Distance of the zero of a scale of temperature from 0 K, in this unit. */
  readonly offset: number;
}

const LARGE = ["da h k M G T P E Z Y R Q", "deca hecto kilo mega giga tera peta exa zetta yotta ronna quetta"];
const SMALL = ["d c m u n p f a z y r q", "deci centi milli micro nano pico femto atto zepto yocto ronto quecto"];
const POWERS = [1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30];

const decimal = (form: 0 | 1, power = 1): [string, number][] =>
  [...LARGE[form]!.split(" "), ...SMALL[form]!.split(" ")].map((prefix, i) => {
    const exponent = power * POWERS[i % POWERS.length]!;
    return [prefix, Number(`1e${i < POWERS.length ? exponent : -exponent}`)];
  });

const BINARY = [
  ["k M G T P E Z Y", "Ki Mi Gi Ti Pi Ei Zi Yi"],
  ["kilo mega giga tera peta exa zetta yotta", "kibi mebi gibi tebi pebi exi zebi yobi"],
] as const;

const binary = (form: 0 | 1): [string, number][] => {
  const [si, iec] = BINARY[form].map((text) => text.split(" ")) as [string[], string[]];
  return [
    ...si.map((prefix, i): [string, number] => [prefix, Number(`1e${3 * (i + 1)}`)]),
    ...iec.map((prefix, i): [string, number] => [prefix, 1024 ** (i + 1)]),
  ];
};

const PREFIXES: Readonly<Record<string, readonly [string, number][]>> = {
  none: [],
  short: decimal(0),
  long: decimal(1),
  both: [...decimal(0), ...decimal(1)],
  squared: decimal(0, 2),
  cubed: decimal(0, 3),
  million: [["MM", 1e6]],
  binaryShort: binary(0),
  binaryLong: binary(1),
};

const units = new Map<string, NamedUnit>();
for (const group of GROUPS.trim().split(/\n(?! )/)) {
  const [prefixes, exponents, names] = group.split("|").map((text) => text.trim()) as [string, string, string];
  for (const text of names.split(/,\s+/)) {
    const [name, value, offset = "0"] = text.split(" ") as [string, string, string?];
    units.set(name, {
      value: Number(value),
      exponents: exponents.split(" ").map(Number),
      prefixes: new Map([["", 1], ...PREFIXES[prefixes]!]),
      offset: Number(offset),
    });
  }
}

/** A unit by its name, with or without a prefix, and the value of the prefix. */
export function findUnit(name: string): { readonly unit: NamedUnit; readonly prefix: number } | undefined {
  // A name of its own comes first, then the longest name that ends it.
  for (let length = 0; length < name.length; length++) {
    const unit = units.get(name.slice(length));
    const prefix = unit?.prefixes.get(name.slice(0, length));
    if (prefix !== undefined) return { unit: unit!, prefix };
  }
  return undefined;
}

/** The names without prefixes. */
export const unitNames = (): string[] => [...units.keys()];
