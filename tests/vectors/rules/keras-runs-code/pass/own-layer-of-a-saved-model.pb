‡
"serve*2.21.0$

xPlaceholder

yIdentityx:N
L"J
_tf_keras_layer7{"name": "l", "class_name": "Attention2", "config": {}}