#!/bin/sh
# Makes the key files beside it with openssl 3.0: the same two private keys, for
# tests only, in the forms that people have. The tests compare each with ec.pub
# and rsa.pub. The passphrase is "pw", but for the files that say otherwise.
set -eu
cd "$(dirname "$0")"
[ -f ec.pem ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
[ -f rsa.pem ] || openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem
legacy="-provider legacy -provider default"

for kind in ec rsa; do
	openssl pkey -in $kind.pem -pubout -out $kind.pub
	openssl pkcs8 -topk8 -nocrypt -in $kind.pem -outform DER -out $kind-pkcs8.der
done
openssl rsa -in rsa.pem -traditional -out rsa-pkcs1.pem
openssl rsa -in rsa.pem -traditional -outform DER -out rsa-pkcs1.der
openssl ec -in ec.pem -out ec-sec1.pem
openssl ec -in ec.pem -outform DER -out ec-sec1.der
{ openssl ecparam -name prime256v1; cat ec-sec1.pem; } >ec-sec1-parameters.pem

for cipher in aes128 aes192 aes256 des3 des; do
	openssl ec $legacy -in ec.pem -$cipher -passout pass:pw -out ec-dek-$cipher.pem
done
openssl rsa -in rsa.pem -traditional -aes256 -passout pass:pw -out rsa-dek-aes256.pem
openssl ec $legacy -in ec.pem -camellia256 -passout pass:pw -out ec-dek-camellia256.pem

lock() { # name, options
	name=$1; shift
	openssl pkcs8 $legacy -topk8 -in ec.pem -passout pass:pw -out ec-$name.pem "$@"
}
for prf in hmacWithSHA1 hmacWithSHA224 hmacWithSHA256 hmacWithSHA384 hmacWithSHA512; do
	lock pbkdf2-$prf -v2 aes-256-cbc -v2prf $prf
done
lock pbkdf2-aes128 -v2 aes-128-cbc
lock pbkdf2-aes192 -v2 aes-192-cbc
lock pbkdf2-des3 -v2 des3
lock pbkdf2-des -v2 des
lock pbkdf2-rc2 -v2 rc2
lock pbkdf2-camellia -v2 camellia-256-cbc
lock scrypt -v2 aes-256-cbc -scrypt
lock pbes1-md5-des -v1 PBE-MD5-DES
lock pbes1-sha1-des -v1 PBE-SHA1-DES
lock pbes1-sha1-3des -v1 PBE-SHA1-3DES
lock pbes1-sha1-2des -v1 PBE-SHA1-2DES
lock pbes1-sha1-rc2 -v1 PBE-SHA1-RC2-40
lock pbes1-sha1-rc4 -v1 PBE-SHA1-RC4-128
openssl pkcs8 -topk8 -in ec.pem -outform DER -passout pass:pw -out ec-pbkdf2.der
openssl pkcs8 -topk8 -in rsa.pem -passout pass:pw -out rsa-pbkdf2.pem
# The passphrase is "zwölf Ämter", in UTF-8.
openssl pkcs8 -topk8 -in ec.pem -v1 PBE-SHA1-3DES -passout "pass:zwölf Ämter" -out ec-pbes1-umlaut.pem
openssl pkcs8 -topk8 -in ec.pem -passout "pass:zwölf Ämter" -out ec-pbkdf2-umlaut.pem

[ -f ed25519.pem ] || openssl genpkey -quiet -algorithm ED25519 -out ed25519.pem
[ -f x25519.pem ] || openssl genpkey -quiet -algorithm X25519 -out x25519.pem
[ -f secp256k1.pem ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out secp256k1.pem
openssl ec -in secp256k1.pem -out secp256k1-sec1.pem
[ -f rsa-pss.pem ] || openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.pem
[ -f rsa-512.pem ] || openssl genrsa -out rsa-512.pem 512
[ -f ed448.pem ] || openssl genpkey -quiet -algorithm ED448 -out ed448.pem
