package key

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
)

// The structures of encrypted PKCS#8 (RFC 5958, section 3; RFC 8018, appendix A).
type (
	encryptedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	pbes2Params struct {
		KDF, Encryption pkix.AlgorithmIdentifier
	}
	pbkdf2Params struct {
		Salt       asn1.RawValue // an octet string; the other choice is not in use
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidAES    = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1} // .2, .22, .42: CBC with 16, 24, 32 bytes
	oidHMAC   = asn1.ObjectIdentifier{1, 2, 840, 113549, 2}        // .7, .9, .10, .11: SHA-1, 256, 384, 512
)

const (
	maxIterations = 20_000_000 // seconds of work; keys of today have up to a million
	newIterations = 600_000    // OWASP, for PBKDF2 with HMAC-SHA-256
	saltSize      = 16
)

// decryptPKCS8 opens a key that PBES2 encrypted. What comes out with a wrong
// passphrase is mostly recognised here and otherwise is no key.
func decryptPKCS8(der, passphrase []byte) ([]byte, error) {
	var outer encryptedKey
	if err := unmarshal(der, &outer); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	if !outer.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, fmt.Errorf("key encrypted in a way that is not PBES2 (%v): openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW", outer.Algorithm.Algorithm)
	}
	var p pbes2Params
	if err := unmarshal(outer.Algorithm.Parameters.FullBytes, &p); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	size, err := keySize(p.Encryption.Algorithm)
	if err != nil {
		return nil, err
	}
	var iv []byte
	if err := unmarshal(p.Encryption.Parameters.FullBytes, &iv); err != nil || len(iv) != aes.BlockSize {
		return nil, errors.New("encrypted key: malformed initialisation vector")
	}
	if len(outer.Data) == 0 || len(outer.Data)%aes.BlockSize != 0 {
		return nil, errors.New("encrypted key: not whole blocks")
	}
	derive, err := kdf(p.KDF, size)
	if err != nil {
		return nil, err
	}
	if len(passphrase) == 0 {
		return nil, ErrPassphrase
	}
	k, err := derive(passphrase)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(outer.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(out, outer.Data)
	pad := int(out[len(out)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(out[len(out)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrPassphrase
	}
	return out[:len(out)-pad], nil
}

// unmarshal is asn1.Unmarshal without trailing data.
func unmarshal(der []byte, v any) error {
	rest, err := asn1.Unmarshal(der, v)
	if err == nil && len(rest) > 0 {
		err = errors.New("data after the end")
	}
	return err
}

func keySize(alg asn1.ObjectIdentifier) (int, error) {
	if len(alg) == len(oidAES)+1 && alg[:len(oidAES)].Equal(oidAES) {
		switch alg[len(oidAES)] {
		case 2:
			return 16, nil
		case 22:
			return 24, nil
		case 42:
			return 32, nil
		}
	}
	return 0, fmt.Errorf("key encrypted with %v, which is not AES-CBC: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW", alg)
}

// kdf reads the parameters of PBKDF2.
func kdf(alg pkix.AlgorithmIdentifier, size int) (func(passphrase []byte) ([]byte, error), error) {
	if !alg.Algorithm.Equal(oidPBKDF2) {
		return nil, fmt.Errorf("passphrase stretched by %v, which is not PBKDF2: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW", alg.Algorithm)
	}
	var p pbkdf2Params
	if err := unmarshal(alg.Parameters.FullBytes, &p); err != nil {
		return nil, fmt.Errorf("encrypted key: %w", err)
	}
	var salt []byte
	if err := unmarshal(p.Salt.FullBytes, &salt); err != nil {
		return nil, errors.New("encrypted key: malformed salt")
	}
	if p.Iterations < 1 || p.Iterations > maxIterations || p.KeyLength != 0 && p.KeyLength != size {
		return nil, fmt.Errorf("encrypted key: %d iterations for %d bytes are out of range", p.Iterations, p.KeyLength)
	}
	h := sha1.New
	if prf := p.PRF.Algorithm; len(prf) > 0 {
		if h = prfHash(prf); h == nil {
			return nil, fmt.Errorf("passphrase stretched with %v, which is not HMAC-SHA", prf)
		}
	}
	return func(passphrase []byte) ([]byte, error) {
		return pbkdf2.Key(h, string(passphrase), salt, p.Iterations, size)
	}, nil
}

func prfHash(prf asn1.ObjectIdentifier) func() hash.Hash {
	if len(prf) != len(oidHMAC)+1 || !prf[:len(oidHMAC)].Equal(oidHMAC) {
		return nil
	}
	switch prf[len(oidHMAC)] {
	case 7:
		return sha1.New
	case 9:
		return sha256.New
	case 10:
		return sha512.New384
	case 11:
		return sha512.New
	}
	return nil
}

// encryptPKCS8 encrypts with AES-256-CBC under PBKDF2 with HMAC-SHA-256, which every
// OpenSSL since 1.1 reads.
func encryptPKCS8(der, passphrase []byte) ([]byte, error) {
	salt, iv := make([]byte, saltSize), make([]byte, aes.BlockSize)
	rand.Read(salt)
	rand.Read(iv)
	k, err := pbkdf2.Key(sha256.New, string(passphrase), salt, newIterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	pad := aes.BlockSize - len(der)%aes.BlockSize
	data := append(bytes.Clone(der), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	rawSalt, err := asn1.Marshal(salt)
	if err != nil {
		return nil, err
	}
	kdf, err := algorithm(oidPBKDF2, pbkdf2Params{
		Salt:       asn1.RawValue{FullBytes: rawSalt},
		Iterations: newIterations,
		PRF:        pkix.AlgorithmIdentifier{Algorithm: append(oidHMAC[:len(oidHMAC):len(oidHMAC)], 9), Parameters: asn1.NullRawValue},
	})
	if err != nil {
		return nil, err
	}
	enc, err := algorithm(append(oidAES[:len(oidAES):len(oidAES)], 42), iv)
	if err != nil {
		return nil, err
	}
	outer, err := algorithm(oidPBES2, pbes2Params{kdf, enc})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedKey{outer, data})
}

func algorithm(oid asn1.ObjectIdentifier, params any) (pkix.AlgorithmIdentifier, error) {
	raw, err := asn1.Marshal(params)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: raw}}, err
}
