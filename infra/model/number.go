package model

import (
	"math/big"
	"strconv"
	"strings"
)

// Numbers have up to 38 digits and magnitudes from 1e-130 to 9.99e125:
// Developer Guide, "Quotas in Amazon DynamoDB", data types.
const (
	mostDigits = 38
	topPower   = 125
	lowPower   = -130
)

// decimal is digits times ten to the power.
type decimal struct {
	digits *big.Int
	power  int
}

// parseNumber reads a number as DynamoDB writes and takes them.
func parseNumber(s string) (decimal, error) {
	unusable := invalid("The parameter cannot be converted to a numeric value: " + s)
	body, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	power := 0
	if scientific {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return decimal{}, unusable
		}
		power = n
	}
	whole, part, _ := strings.Cut(body, ".")
	plain := strings.TrimPrefix(strings.TrimPrefix(whole, "+"), "-") + part
	if plain == "" || strings.Trim(plain, "0123456789") != "" {
		return decimal{}, unusable
	}
	digits, ok := new(big.Int).SetString(strings.TrimPrefix(whole, "+")+part, 10)
	if !ok {
		return decimal{}, unusable
	}
	return decimal{digits, power - len(part)}, nil
}

// checked returns the number without zeros at the end of its digits. It fails
// for one that has too many digits or is out of bounds.
func (d decimal) checked() (text string, power int, err error) {
	text = d.digits.String()
	if text == "0" {
		return text, 0, nil
	}
	short := strings.TrimRight(text, "0")
	power = d.power + len(text) - len(short)
	n := len(strings.TrimPrefix(short, "-"))
	switch magnitude := power + n - 1; {
	case n > mostDigits:
		return "", 0, invalid("Attempting to store more than 38 significant digits in a Number")
	case magnitude > topPower:
		return "", 0, invalid("Number overflow. Attempting to store a number with magnitude " +
			"larger than supported range")
	case magnitude < lowPower:
		return "", 0, invalid("Number underflow. Attempting to store a number with magnitude " +
			"smaller than supported range")
	}
	return short, power, nil
}

// canonical is a number in the form in which DynamoDB gives it back.
func canonical(s string) (string, error) {
	if isShort(s) {
		return s, nil
	}
	d, err := parseNumber(s)
	if err != nil {
		return "", err
	}
	return d.text()
}

// isShort reports whether a text is a whole number in canonical form that fits
// into an int64, as nearly all are.
func isShort(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if len(digits) == 0 || len(digits) > 18 || digits[0] == '0' && s != "0" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

func (d decimal) text() (string, error) {
	digits, power, err := d.checked()
	if err != nil {
		return "", err
	}
	sign := ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", rest
	}
	switch point := len(digits) + power; {
	case power >= 0:
		return sign + digits + strings.Repeat("0", power), nil
	case point > 0:
		return sign + digits[:point] + "." + digits[point:], nil
	default:
		return sign + "0." + strings.Repeat("0", -point) + digits, nil
	}
}

// aligned returns the digits of both numbers at one power.
func aligned(a, b decimal) (x, y *big.Int, power int) {
	power = min(a.power, b.power)
	raise := func(d decimal) *big.Int {
		up := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.power-power)), nil)
		return up.Mul(up, d.digits)
	}
	return raise(a), raise(b), power
}

func compareNumbers(a, b string) int {
	if isShort(a) && isShort(b) {
		x, _ := strconv.ParseInt(a, 10, 64)
		y, _ := strconv.ParseInt(b, 10, 64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	x, _ := parseNumber(a)
	y, _ := parseNumber(b)
	m, n, _ := aligned(x, y)
	return m.Cmp(n)
}

// plus adds two numbers, or takes the second from the first.
func plus(a, b string, less bool) (string, error) {
	if isShort(a) && isShort(b) {
		x, _ := strconv.ParseInt(a, 10, 64)
		y, _ := strconv.ParseInt(b, 10, 64)
		if less {
			y = -y
		}
		return strconv.FormatInt(x+y, 10), nil
	}
	x, err := parseNumber(a)
	if err != nil {
		return "", err
	}
	y, err := parseNumber(b)
	if err != nil {
		return "", err
	}
	m, n, power := aligned(x, y)
	if less {
		n.Neg(n)
	}
	return decimal{m.Add(m, n), power}.text()
}

// numberSize is "approximately" one byte for two digits, one more, and one for
// a sign: Developer Guide, "DynamoDB item sizes and formats".
func numberSize(s string) int {
	negative := 0
	if strings.HasPrefix(s, "-") {
		negative = 1
	}
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	digits := strings.TrimLeft(whole+part, "0")
	if part == "" {
		digits = strings.TrimRight(digits, "0")
	}
	return (len(digits)+1)/2 + 1 + negative
}
