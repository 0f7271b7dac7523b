
Zroot.layer-0"_tf_keras_layer*7{"name": "l", "class_name": "Attention2", "config": {}}