// Package pki makes the keys and certificates that IAM Roles Anywhere accepts.
//
// It holds the nouns of the subject: a private key of some [KeyKind], a
// certificate's [Serial], a certificate authority ([NewCA]), a machine's
// certificate ([IssueLeaf]), a request for one ([NewCSR]), and an [Issuer], which
// turns such a request into a certificate now or later.
//
// It opens no network connection, reads no environment variable, asks no
// question and writes no file: the clock, the randomness and the bytes come from
// the caller. Reading key and certificate files of any format is
// anywhere/pki/decode; what AWS asks of a certificate is anywhere/pki/rules, and
// nothing made here leaves without having passed those rules.
//
// # What is made
//
// Certificates are X.509 v3 with a critical basicConstraints and keyUsage, a
// subject key identifier by RFC 7093 section 2 (1), a positive random serial of
// 127 bits and a signature with SHA-256 or stronger. A machine's certificate says
// CA:FALSE, digitalSignature and clientAuth; a CA says CA:TRUE, keyCertSign and
// cRLSign.
//
// Source: IAM Roles Anywhere User Guide, "Trust model",
// https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
package pki
