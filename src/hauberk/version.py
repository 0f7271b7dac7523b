"""Which release of Hauberk this is: what `hauberk --version`, reports and statements say."""

VERSION = "0.1.0"
