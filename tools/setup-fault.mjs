/** A fault of the machine or the checkout, told to a person in one or two lines with its remedy; no stack trace. */
export class SetupFault extends Error {
  name = 'SetupFault';
}
