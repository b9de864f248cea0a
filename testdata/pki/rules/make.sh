#!/bin/sh
# Makes the certificates beside it with openssl 3.0, each self-signed with a key
# that is thrown away and valid for 100 years, and each odd in one respect, which
# its name says. rules_test.go says what is expected of it and on whose word.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/ec"
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$work/p521"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/rsa"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out "$work/rsa1024"
openssl genpkey -quiet -algorithm ED25519 -out "$work/ed25519"

make() { # name, key, subject, extensions (one a line), further options
	name=$1 key=$2 subject=$3 extensions=$4; shift 4
	{ printf '[req]\ndistinguished_name = dn\n[dn]\n[x]\n'; printf '%s\n' "$extensions"; } >"$work/conf"
	openssl req -x509 -new -config "$work/conf" -extensions x -key "$work/$key" -subj "$subject" -days 36500 -out "$name.pem" "$@"
}
v1() { # name, subject: no extension file, as the seed of many tutorials
	printf '[req]\ndistinguished_name = dn\n[dn]\n' >"$work/conf"
	openssl req -new -config "$work/conf" -key "$work/ec" -subj "$2" -out "$work/csr"
	openssl x509 -req -in "$work/csr" -signkey "$work/ec" -days 36500 -out "$1.pem" 2>"$work/log"
}

bc='basicConstraints = critical, CA:FALSE'
ku='keyUsage = critical, digitalSignature'
eku='extendedKeyUsage = clientAuth'
leaf="$bc
$ku
$eku"
make leaf-good ec /CN=web-1 "$leaf"
make leaf-good-rsa rsa /CN=web-1/O=Lab "$leaf"
make leaf-p521-sha512 p521 /CN=web-1 "$leaf" -sha512
make leaf-pss rsa /CN=web-1 "$leaf" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
make leaf-helper-script rsa /CN=web-1 "$bc
keyUsage = critical, digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment"
make leaf-no-basic-constraints ec /CN=web-1 "$ku
extendedKeyUsage = serverAuth, clientAuth"
make leaf-any-purpose ec /CN=web-1 "$bc
$ku
extendedKeyUsage = anyExtendedKeyUsage"
v1 leaf-v1 /CN=web-1
make leaf-ca-true ec /CN=web-1 "basicConstraints = critical, CA:TRUE
$ku
$eku"
make leaf-no-key-usage ec /CN=web-1 "$bc
$eku"
make leaf-key-encipherment rsa /CN=web-1 "$bc
keyUsage = critical, keyEncipherment
$eku"
make leaf-sha1 rsa /CN=web-1 "$leaf" -sha1
make leaf-md5 rsa /CN=web-1 "$leaf" -md5
make leaf-ed25519 ed25519 /CN=web-1 "$leaf"
make leaf-empty-subject ec / "$leaf
subjectAltName = critical, DNS:web-1.example"
make leaf-no-common-name ec /O=Lab "$leaf"
make leaf-server-auth ec /CN=web-1 "$bc
$ku
extendedKeyUsage = serverAuth"
make leaf-parentheses ec "/CN=web (1)" "$leaf"
make leaf-star ec /CN=web-1 "$leaf
subjectAltName = DNS:*.example"
make leaf-cn-61 ec /CN=$(printf 'a%.0s' $(seq 61)) "$leaf"
make leaf-cn-62 ec /CN=$(printf 'a%.0s' $(seq 62)) "$leaf"
make leaf-serial-0 ec /CN=web-1 "$leaf" -set_serial 0
make leaf-serial-1 ec /CN=web-1 "$leaf" -set_serial 1
make leaf-serial-20-octets ec /CN=web-1 "$leaf" -set_serial 0x7f00000000000000000000000000000000000001
make leaf-serial-21-octets ec /CN=web-1 "$leaf" -set_serial 0x8f00000000000000000000000000000000000001
make leaf-unknown-critical ec /CN=web-1 "$leaf
1.2.3.4 = critical, ASN1:NULL"
make leaf-unknown-uncritical ec /CN=web-1 "$leaf
1.2.3.4 = ASN1:NULL"
make leaf-rsa-1024 rsa1024 /CN=web-1 "$leaf"

cabc='basicConstraints = critical, CA:TRUE'
caku='keyUsage = critical, keyCertSign, cRLSign'
ca="$cabc
$caku"
make ca-good ec "/CN=lab CA" "$ca"
make ca-good-rsa rsa "/CN=lab CA" "$ca"
make ca-path-length ec "/CN=lab CA" "basicConstraints = critical, CA:TRUE, pathlen:0
$caku"
v1 ca-v1 "/CN=lab CA"
make ca-no-basic-constraints ec "/CN=lab CA" "$caku"
make ca-false ec "/CN=lab CA" "basicConstraints = critical, CA:FALSE
$caku"
make ca-no-key-usage ec "/CN=lab CA" "$cabc"
make ca-uncritical ec "/CN=lab CA" "basicConstraints = CA:TRUE
keyUsage = critical, keyCertSign, cRLSign"
make ca-signs-only-crls ec "/CN=lab CA" "$cabc
keyUsage = critical, cRLSign"
make ca-signs-no-crls ec "/CN=lab CA" "$cabc
keyUsage = critical, keyCertSign"
make ca-sha1 rsa "/CN=lab CA" "$ca" -sha1
make ca-ed25519 ed25519 "/CN=lab CA" "$ca"
make ca-empty-subject ec / "$ca"
make ca-parentheses ec "/CN=lab CA (old)" "$ca"
make ca-serial-0 ec "/CN=lab CA" "$ca" -set_serial 0
make ca-unknown-critical ec "/CN=lab CA" "$ca
1.2.3.4 = critical, ASN1:NULL"
make ca-rsa-1024 rsa1024 "/CN=lab CA" "$ca"
