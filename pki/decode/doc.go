// Package decode reads keys and certificates from bytes in any form that people
// keep them in.
//
// Keys: PKCS #1, SEC 1 and PKCS #8, in PEM and DER; encrypted PKCS #8 under PBES2
// (PBKDF2 or scrypt; AES or triple DES) and PBES1; and the older PEM encryption
// with a DEK-Info header, which step writes. Certificates: PEM and DER, one or
// many, alone or beside a key, and PKCS #7. Around them it forgives what editors,
// shells and environment variables do: byte order marks, UTF-16, CRLF, indented
// lines, a whole file on one line, line feeds spelled \n, missing BEGIN lines.
//
// A wrong passphrase, a scheme that is not supported and a file that holds no key
// are three different errors here.
//
// It reads bytes, not files, and never writes. All work is bounded: see
// [MaxSize] and the limits in kdf.go. A plain PEM file takes the short way: no
// copy, no guess, since a signer does this at every call of the AWS CLI. PKCS #12
// is anywhere/pki/decode/pkcs12.
package decode

// MaxSize is the longest input, in bytes, that is looked at: room for a thousand
// certificates.
const MaxSize = 1 << 20

// maxRSABits is the longest RSA key that is read. Roles Anywhere names no bound;
// beyond this, one signature takes seconds.
const maxRSABits = 8192

// minRSABits is the shortest with which crypto/rsa signs.
const minRSABits = 1024
