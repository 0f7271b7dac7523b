Å
"serve*2.21.0$

xPlaceholder

yIdentityx:‹
ˆ"…
_tf_keras_layerr{"name": "l", "class_name": "Lambda", "config": {"function": ["4wEAAAA=", null, null], "function_type": "lambda"}}