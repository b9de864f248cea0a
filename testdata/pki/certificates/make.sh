#!/bin/sh
# Makes the certificate files beside it with openssl 3.0: a root, an intermediate
# and a leaf, alone and together, in the forms that people have. No key is kept but
# the leaf's, which combined.pem and the PKCS #12 files hold; their passphrase is
# "pw" where they have one. All are valid from the day they were made for 100 years.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
new() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key"; }
for name in root intermediate leaf; do new $name; done

cat >"$work/conf" <<'END'
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
END
openssl req -x509 -new -config "$work/conf" -extensions ca -key "$work/root.key" -subj "/CN=root" -days 36500 -out root.pem
sign() { # name, extensions, issuer, issuer's key
	openssl req -new -config "$work/conf" -key "$work/$1.key" -subj "/CN=$1" -out "$work/$1.csr"
	openssl x509 -req -in "$work/$1.csr" -extfile "$work/conf" -extensions $2 -CA $3.pem -CAkey "$work/$3.key" \
		-CAcreateserial -CAserial "$work/serial" -days 36500 -out $1.pem 2>"$work/log" || cat "$work/log"
}
sign intermediate ca root
sign leaf leaf intermediate

cat leaf.pem intermediate.pem root.pem >chain.pem
openssl x509 -in leaf.pem -outform DER -out leaf.der
openssl x509 -in root.pem -outform DER -out "$work/root.der"
cat leaf.der "$work/root.der" >two.der
openssl x509 -in leaf.pem -text -out leaf-text.pem
openssl x509 -in leaf.pem -trustout -addtrust clientAuth -setalias mine -out leaf-trusted.pem
openssl crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7b
openssl crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out chain.p7b.der
cat leaf.pem "$work/leaf.key" >combined.pem
cat "$work/leaf.key" leaf.pem >combined-key-first.pem

p12() { # name, options
	name=$1; shift
	openssl pkcs12 -export -inkey "$work/leaf.key" -in leaf.pem -certfile intermediate.pem -out $name.p12 "$@"
}
p12 modern -passout pass:pw
p12 empty -passout pass:
p12 legacy -legacy -passout pass:pw
p12 des3 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -passout pass:pw
p12 umlaut -passout "pass:zwölf Ämter"
openssl pkcs12 -export -nokeys -in leaf.pem -passout pass:pw -out no-key.p12

# two-keys.p12 is Java's, which may keep several keys in one file; openssl makes none such.
rm -f two-keys.p12
for name in one two; do
	keytool -genkeypair -alias $name -keyalg EC -groupname secp256r1 -dname CN=$name -validity 36500 \
		-storetype PKCS12 -keystore two-keys.p12 -storepass passphrase
done
